import type { UsageErrorCode } from '@bonito/protocol';
import type { ProviderError, ProviderErrorKind } from '../chat/provider-error.ts';
import { readRetryAfter } from './read-retry-after.ts';

/** What a provider's error means for this request and for what comes next. */
export interface ProviderErrorVerdict {
  readonly usageCode: UsageErrorCode;
  /** The same request to the same provider may succeed soon. */
  readonly retryable: boolean;
  /** Another target may well answer: the fault lies with this provider or with our account there, not with the request. */
  readonly failOver: boolean;
  /** Seconds that the provider asks to wait; undefined when it does not say. */
  readonly retryAfterSeconds: number | undefined;
}

type Verdict = Omit<ProviderErrorVerdict, 'retryAfterSeconds'>;

const VERDICTS: Readonly<Record<ProviderErrorKind, Verdict>> = {
  // A smaller window at one provider may be a larger one at the next.
  context_too_long: { usageCode: 'request_too_large', retryable: false, failOver: true },
  request_too_large: { usageCode: 'request_too_large', retryable: false, failOver: true },
  rate_limited: { usageCode: 'rate_limited', retryable: true, failOver: true },
  quota_exhausted: { usageCode: 'quota_exhausted', retryable: false, failOver: true },
  overloaded: { usageCode: 'provider_overloaded', retryable: true, failOver: true },
  // The content is refused; asking elsewhere would be a way around a filter.
  content_filtered: { usageCode: 'content_filtered', retryable: false, failOver: false },
  state_rejected: { usageCode: 'invalid_request', retryable: false, failOver: false },
  invalid_request: { usageCode: 'invalid_request', retryable: false, failOver: false },
  unauthenticated: { usageCode: 'authentication_failed', retryable: false, failOver: true },
  permission_denied: { usageCode: 'permission_denied', retryable: false, failOver: true },
  model_not_found: { usageCode: 'model_not_found', retryable: false, failOver: true },
  timeout: { usageCode: 'provider_error', retryable: true, failOver: true },
  provider_error: { usageCode: 'provider_error', retryable: true, failOver: true },
};

/** A redirect or an information where an answer was due: the base URL is wrong. */
const NO_ANSWER: Verdict = { usageCode: 'provider_answer_malformed', retryable: false, failOver: true };
/** Statuses of a server that do not pass by waiting. */
const LASTING: ReadonlySet<number> = new Set([501, 505]);

/**
 * Judges an error that a dialect has read.
 *
 * @param headers names in lower case
 * @param now milliseconds since 1970
 */
export function judgeProviderError(
  error: ProviderError,
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  now: number,
): ProviderErrorVerdict {
  const retryAfterSeconds = readRetryAfter(headers, now) ?? error.retryAfterSeconds;
  const verdict = status < 400 ? NO_ANSWER : VERDICTS[error.kind];
  // OpenAI's and Anthropic's servers say outright whether their SDKs should try again.
  const mayPass = error.retryable ?? verdict.retryable;
  const retryable = headers['x-should-retry'] !== 'false' && mayPass && !LASTING.has(status);
  return { ...verdict, retryable, retryAfterSeconds };
}
