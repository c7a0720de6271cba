import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ErrorAnswer } from '../provider-kind.ts';

/** google.rpc.Code by name. @see https://cloud.google.com/apis/design/errors */
const BY_STATUS: Readonly<Record<string, ProviderErrorKind>> = {
  INVALID_ARGUMENT: 'invalid_request',
  FAILED_PRECONDITION: 'invalid_request',
  OUT_OF_RANGE: 'invalid_request',
  UNAUTHENTICATED: 'unauthenticated',
  PERMISSION_DENIED: 'permission_denied',
  NOT_FOUND: 'model_not_found',
  RESOURCE_EXHAUSTED: 'rate_limited',
  UNAVAILABLE: 'overloaded',
  DEADLINE_EXCEEDED: 'timeout',
  CANCELLED: 'timeout',
  ABORTED: 'provider_error',
  INTERNAL: 'provider_error',
  UNKNOWN: 'provider_error',
  DATA_LOSS: 'provider_error',
  UNIMPLEMENTED: 'invalid_request',
};
const BY_CODE: Readonly<Record<number, ProviderErrorKind>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  402: 'quota_exhausted',
  403: 'permission_denied',
  404: 'model_not_found',
  408: 'timeout',
  413: 'request_too_large',
  429: 'rate_limited',
  499: 'timeout',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};
/** `google.rpc.ErrorInfo.reason`. */
const BY_REASON: Readonly<Record<string, ProviderErrorKind>> = {
  API_KEY_INVALID: 'unauthenticated',
  API_KEY_EXPIRED: 'unauthenticated',
  ACCESS_TOKEN_EXPIRED: 'unauthenticated',
  ACCESS_TOKEN_TYPE_UNSUPPORTED: 'unauthenticated',
  CREDENTIALS_MISSING: 'unauthenticated',
  API_KEY_SERVICE_BLOCKED: 'permission_denied',
  API_KEY_IP_ADDRESS_BLOCKED: 'permission_denied',
  SERVICE_DISABLED: 'permission_denied',
  CONSUMER_SUSPENDED: 'permission_denied',
  IAM_PERMISSION_DENIED: 'permission_denied',
  BILLING_DISABLED: 'quota_exhausted',
};
/** One code stands for many faults of a request; the sentence says which. */
const BY_WORDS: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/input token count.*exceeds the maximum number of tokens/i, 'context_too_long'],
  [/token count is \d+ but (?:the )?model (?:only )?supports up to/i, 'context_too_long'],
  [/(?:prompt|input|context).*(?:too long|exceeds? .*(?:token|context))/i, 'context_too_long'],
  [/thought[_ ]?signature/i, 'state_rejected'],
  [/payload size exceeds the limit|request (?:entity )?too large/i, 'request_too_large'],
  [/API key (?:not valid|expired|not found)/i, 'unauthenticated'],
  [/location is not supported|free tier is not available in your country/i, 'permission_denied'],
  [/overloaded/i, 'overloaded'],
];
/** A limit of money, which no waiting lifts. */
const NO_MONEY = /credits are depleted|spend(?:ing)? cap/i;
/** The Gemini API's words, and those of Vertex AI. */
const FIGURES =
  /token count (?:is )?\(?(\d+)\)? (?:exceeds the maximum number of tokens allowed|but (?:the )?model (?:only )?supports up to) \(?(\d+)/i;

/** Reads an error answer: `google.rpc.Status` inside `error`, also as the only item of a list. */
export function readError({ status, body }: ErrorAnswer): ProviderError {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    parsed = undefined;
  }
  return readStatus(errorOf(parsed) ?? {}, status);
}

/** The `error` in a body or a piece of a stream; undefined when there is none. */
export function errorOf(value: unknown): JsonObject | undefined {
  const first = Array.isArray(value) ? value[0] : value;
  return isObject(first) && isObject(first.error) ? first.error : undefined;
}

/** @param httpStatus counts where the error names no code itself */
export function readStatus(error: JsonObject, httpStatus = 500): ProviderError {
  const message = typeof error.message === 'string' ? error.message : '';
  const code = typeof error.status === 'string' ? error.status : undefined;
  const number = typeof error.code === 'number' ? error.code : httpStatus;
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  const [, sent, limit] = FIGURES.exec(message) ?? [];
  return {
    kind: kindOf(message, code, number, details),
    message: message || 'The provider answered with an error.',
    code,
    param: fieldOf(details),
    retryAfterSeconds: delayOf(details),
    ...(sent !== undefined &&
      limit !== undefined && { tokens: { sent: Number(sent), limit: Number(limit) } }),
  };
}

function kindOf(
  message: string,
  code: string | undefined,
  number: number,
  details: readonly JsonObject[],
): ProviderErrorKind {
  const byCode = code !== undefined && Object.hasOwn(BY_STATUS, code) ? BY_STATUS[code] : undefined;
  const kind = byCode ?? BY_CODE[number] ?? (number >= 500 ? 'provider_error' : 'invalid_request');
  for (const { reason } of details) {
    if (typeof reason === 'string' && Object.hasOwn(BY_REASON, reason)) return BY_REASON[reason] ?? kind;
  }
  if (kind === 'rate_limited' && (details.some(isDaily) || NO_MONEY.test(message))) return 'quota_exhausted';
  if (kind !== 'invalid_request' && kind !== 'provider_error') return kind;
  return BY_WORDS.find(([words]) => words.test(message))?.[1] ?? kind;
}

/** A limit by the day does not pass by waiting a little. */
function isDaily(detail: JsonObject): boolean {
  const { violations } = detail;
  return (
    Array.isArray(violations) &&
    violations.some(
      (one) => isObject(one) && typeof one.quotaId === 'string' && one.quotaId.includes('PerDay'),
    )
  );
}

function fieldOf(details: readonly JsonObject[]): string | undefined {
  for (const { fieldViolations } of details) {
    const first: unknown = Array.isArray(fieldViolations) ? fieldViolations[0] : undefined;
    if (isObject(first) && typeof first.field === 'string' && first.field !== '') return first.field;
  }
  return undefined;
}

/** RetryInfo: a duration in protobuf's JSON form, `3.5s`. */
function delayOf(details: readonly JsonObject[]): number | undefined {
  for (const { retryDelay } of details) {
    const [, seconds] = typeof retryDelay === 'string' ? (/^(\d+(?:\.\d+)?)s$/.exec(retryDelay) ?? []) : [];
    if (seconds !== undefined) return Number(seconds);
  }
  return undefined;
}
