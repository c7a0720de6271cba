import type { UsageErrorCode } from '@bonito/protocol';
import type { ProviderError } from '../chat/provider-error.ts';
import type { GatewayError } from '../errors/gateway-error.ts';
import { judgeProviderError } from '../errors/judge-provider-error.ts';

/** What a provider answered, kept so that the client can see the provider's own words. */
export interface ProviderAnswer {
  readonly status: number;
  /** The provider's headers as undici gives them: lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** An attempt that failed before the client could see anything of it. */
export interface AttemptFailure {
  readonly code: UsageErrorCode;
  /** The same target may be tried again. */
  readonly retry: boolean;
  /** Another target may do better. */
  readonly failover: boolean;
  /** Another request at this target would probably meet the same. */
  readonly blamesTarget: boolean;
  /** The provider did not take the credential. */
  readonly credentialRefused: boolean;
  readonly retryAfterMs: number | undefined;
  /** The provider's answer, where there was one. */
  readonly answer: ProviderAnswer | undefined;
  /** What that answer says, in no one's language. */
  readonly error: ProviderError | undefined;
  /** The answer is in the client's own wire, so that it can be passed on as it is. */
  readonly native: boolean;
  /** Why the gateway did not even try. */
  readonly refusal: GatewayError | undefined;
}

/** Statuses with which a provider refuses the credential rather than the request. */
const CREDENTIAL_STATUSES: ReadonlySet<number> = new Set([401, 403]);
/** The request's own fault: the target works. */
const REQUEST_STATUSES: ReadonlySet<number> = new Set([400, 404, 409, 413, 422]);

/**
 * What an answer with an error status means for the request.
 *
 * @param error what the answer says, read by the dialect that it came in
 * @param native whether the client speaks that wire itself
 * @param now milliseconds since 1970
 */
export function failureOfAnswer(
  answer: ProviderAnswer,
  error: ProviderError,
  native: boolean,
  now: number,
): AttemptFailure {
  const { status, headers } = answer;
  const { usageCode, retryable, failOver, retryAfterSeconds } = judgeProviderError(
    error,
    status,
    headers,
    now,
  );
  return {
    code: usageCode,
    retry: retryable,
    failover: failOver,
    blamesTarget: failOver && !REQUEST_STATUSES.has(status),
    credentialRefused: CREDENTIAL_STATUSES.has(status) || error.kind === 'unauthenticated',
    retryAfterMs: retryAfterSeconds === undefined ? undefined : retryAfterSeconds * 1_000,
    answer,
    error,
    native,
    refusal: undefined,
  };
}

/** A target that this request cannot be sent to; another one may take it. */
export function failureOfRefusal(refusal: GatewayError): AttemptFailure {
  return { ...NO_ANSWER, blamesTarget: false, code: refusal.usageCode, retry: false, refusal };
}

/** Limits whose passing costs so much time that the same target is not tried again. */
const LONG_LIMITS: ReadonlySet<UsageErrorCode> = new Set([
  'first_byte_timeout',
  'idle_timeout',
  'total_timeout',
]);

/** What a failure without an answer means: nothing came, it came too late, or it could not be read. */
export function failureWithoutAnswer(code: UsageErrorCode): AttemptFailure {
  return { ...NO_ANSWER, code, retry: !LONG_LIMITS.has(code) };
}

const NO_ANSWER = {
  failover: true,
  blamesTarget: true,
  credentialRefused: false,
  retryAfterMs: undefined,
  answer: undefined,
  error: undefined,
  native: false,
  refusal: undefined,
} as const;

/** A target that could not even be tried, since its credential is not there. */
export const CREDENTIAL_MISSING: AttemptFailure = {
  ...NO_ANSWER,
  code: 'credential_unavailable',
  retry: false,
};

/**
 * Names an error of the connection in the words of usage records. Codes: those of outbound/direct, undici's `errors.md` and
 * node's system errors.
 *
 * @param answered whether the head of an answer had come
 */
export function codeOfConnectionError(error: Error, answered: boolean): UsageErrorCode {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'CONNECT_TIMEOUT' || code === 'UND_ERR_CONNECT_TIMEOUT') return 'connect_timeout';
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return 'first_byte_timeout';
  if (code === 'UND_ERR_BODY_TIMEOUT') return 'idle_timeout';
  // A request that must not be written is our own mistake, or a header that was configured.
  if (code === 'REQUEST_MALFORMED') return 'gateway_error';
  if (code === 'ANSWER_MALFORMED' || code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return 'provider_answer_malformed';
  return answered ? 'stream_interrupted' : 'provider_unreachable';
}

/**
 * The failure as a client may see it: a provider that quotes the credential back does not get its words passed on.
 *
 * @param secrets the parts of the credential that were sent
 */
export function withoutSecrets(failure: AttemptFailure, secrets: readonly string[]): AttemptFailure {
  const { answer } = failure;
  const quotes = answer && secrets.some((secret) => secret !== '' && answer.body.includes(secret));
  return quotes ? { ...failure, answer: undefined, error: undefined } : failure;
}
