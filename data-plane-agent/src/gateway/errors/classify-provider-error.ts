import type { UsageErrorCode } from '@bonito/protocol';
import { readRetryAfter } from './read-retry-after.ts';

/** What a provider's error answer means for this request and for what comes next. */
export interface ProviderErrorClass {
  readonly usageCode: UsageErrorCode;
  /** The same request to the same provider may succeed soon. */
  readonly retryable: boolean;
  /** Another target may well answer: the fault lies with this provider or with our account there, not with the request. */
  readonly failOver: boolean;
  /** Seconds that the provider asks to wait; undefined when it does not say. */
  readonly retryAfterSeconds: number | undefined;
}

type Verdict = Omit<ProviderErrorClass, 'retryAfterSeconds'>;

/** More of an error's body is not read: its code stands at the front. */
const MOST_BYTES = 65_536;

const BY_STATUS: Readonly<Record<number, Verdict>> = {
  401: { usageCode: 'authentication_failed', retryable: false, failOver: true },
  402: { usageCode: 'quota_exhausted', retryable: false, failOver: true },
  403: { usageCode: 'permission_denied', retryable: false, failOver: true },
  404: { usageCode: 'model_not_found', retryable: false, failOver: true },
  408: { usageCode: 'provider_error', retryable: true, failOver: true },
  409: { usageCode: 'provider_error', retryable: true, failOver: true },
  413: { usageCode: 'request_too_large', retryable: false, failOver: true },
  429: { usageCode: 'rate_limited', retryable: true, failOver: true },
  // Cloudflare's and Anthropic's "overloaded".
  529: { usageCode: 'provider_overloaded', retryable: true, failOver: true },
  503: { usageCode: 'provider_overloaded', retryable: true, failOver: true },
  // Answers that are neither a fault of the request nor one that passes.
  501: { usageCode: 'provider_error', retryable: false, failOver: true },
  505: { usageCode: 'provider_error', retryable: false, failOver: true },
};

const CLIENT_FAULT: Verdict = { usageCode: 'invalid_request', retryable: false, failOver: false };
const SERVER_FAULT: Verdict = { usageCode: 'provider_error', retryable: true, failOver: true };
/** A redirect or an information where an answer was due: the base URL is wrong. */
const NO_ANSWER: Verdict = { usageCode: 'provider_answer_malformed', retryable: false, failOver: true };

const QUOTA: Verdict = { usageCode: 'quota_exhausted', retryable: false, failOver: true };
/** A smaller window at one provider may be a larger one at the next. */
const TOO_LONG: Verdict = { usageCode: 'request_too_large', retryable: false, failOver: true };
/** The content is refused; asking elsewhere would be a way around a filter. */
const FILTERED: Verdict = { usageCode: 'content_filtered', retryable: false, failOver: false };
const NO_MODEL: Verdict = { usageCode: 'model_not_found', retryable: false, failOver: true };
const OVERLOADED: Verdict = { usageCode: 'provider_overloaded', retryable: true, failOver: true };

/** Codes and types in the error body that say more than the status; OpenAI's, Azure's, and those of servers like them. */
const BY_CODE: Readonly<Record<string, Verdict>> = {
  insufficient_quota: QUOTA,
  billing_hard_limit_reached: QUOTA,
  billing_not_active: QUOTA,
  insufficient_balance: QUOTA,
  quota_exceeded: QUOTA,
  context_length_exceeded: TOO_LONG,
  string_above_max_length: TOO_LONG,
  request_too_large: TOO_LONG,
  tokens_exceeded: TOO_LONG,
  content_filter: FILTERED,
  content_policy_violation: FILTERED,
  responsibleaipolicyviolation: FILTERED,
  model_not_found: NO_MODEL,
  deploymentnotfound: NO_MODEL,
  overloaded_error: OVERLOADED,
  engine_overloaded_error: OVERLOADED,
};

/**
 * Classifies an error answer of an OpenAI-compatible provider. The body's code decides before the status does, since
 * a 429 may mean "slower" or "out of money", and a 400 "too long" or "wrong". Words in the message are not read.
 *
 * @param body as much of it as was kept; it may be cut off or no JSON at all
 * @param headers names in lower case
 * @param now milliseconds since 1970
 */
export function classifyProviderError(
  status: number,
  body: Buffer,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): ProviderErrorClass {
  const retryAfterSeconds = readRetryAfter(headers, now);
  const verdict = readVerdict(body) ?? BY_STATUS[status] ?? byClass(status);
  // OpenAI's servers say outright whether its SDKs should try again.
  const said = headers['x-should-retry'];
  const retryable = said === 'false' ? false : verdict.retryable;
  return { ...verdict, retryable, retryAfterSeconds };
}

function byClass(status: number): Verdict {
  if (status >= 500) return SERVER_FAULT;
  return status >= 400 ? CLIENT_FAULT : NO_ANSWER;
}

function readVerdict(body: Buffer): Verdict | undefined {
  for (const name of errorNames(body)) {
    const key = name.toLowerCase();
    if (Object.hasOwn(BY_CODE, key)) return BY_CODE[key];
  }
  return undefined;
}

/** The body's `error.code`, `error.innererror.code` (Azure) and `error.type`, the more exact ones first. */
function errorNames(body: Buffer): string[] {
  if (body.length > MOST_BYTES) return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    return [];
  }
  // vLLM's older form has no `error` around it; some answer with a list of one.
  const document = member(Array.isArray(parsed) ? parsed[0] : parsed, 'error') ?? parsed;
  const names = [
    member(member(document, 'innererror'), 'code'),
    member(document, 'code'),
    member(document, 'type'),
  ];
  return names.filter((name) => typeof name === 'string');
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}
