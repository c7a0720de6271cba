import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import type { ErrorAnswer } from '../provider-kind.ts';

/** Anthropic's error types (its API reference, "Errors"). */
const BY_TYPE: Readonly<Record<string, ProviderErrorKind>> = {
  invalid_request_error: 'invalid_request',
  authentication_error: 'unauthenticated',
  billing_error: 'quota_exhausted',
  permission_error: 'permission_denied',
  not_found_error: 'model_not_found',
  request_too_large: 'request_too_large',
  rate_limit_error: 'rate_limited',
  timeout_error: 'timeout',
  api_error: 'provider_error',
  overloaded_error: 'overloaded',
};

const BY_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'unauthenticated',
  402: 'quota_exhausted',
  403: 'permission_denied',
  404: 'model_not_found',
  408: 'timeout',
  413: 'request_too_large',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

/** `prompt is too long: 212345 tokens > 200000 maximum` */
const TOO_LONG = /prompt is too long(?:: (\d+) tokens > (\d+) maximum)?/i;
/** `input length and max_tokens exceed context limit: 190000 + 20000 > 200000` */
const EXCEEDS = /exceed context limit: (\d+) \+ (\d+) > (\d+)/i;
/** What Anthropic says of state that it does not take, on whatever host. */
export const STATE_REFUSED =
  /(?:invalid|malformed)[^.]{0,40}`?signature`?|`?signature`? in `?thinking`?|redacted_thinking[^.]{0,60}(?:invalid|cannot be|must match)|invalid `(?:data` in `redacted_thinking|encrypted_\w+` in)|bound to a different conversation/i;
const NO_CREDIT = /credit balance is too low|reached your specified (?:\w+ )?API usage limits/i;
/** An account that is shut, which comes as a fault of the request. */
const SHUT = /^this organization has been disabled/i;
/** Limits of money that come as limits of rate, and do not pass as those do. */
const SPENT = /\bspend limit\b|extra usage is required/i;
const SPENT_CODE = /_spend_limit_reached$/;
const FILTERED = /blocked by content filter|content filtering policy/i;

/** Reads an error answer: `{"type":"error","error":{"type","message"}}`. */
export function readError(answer: ErrorAnswer): ProviderError {
  const body = readJsonRecord(answer.body);
  return readErrorObject(body?.error ?? body, answer.status);
}

/** Reads the error object itself, as it also comes inside a stream. */
export function readErrorObject(value: unknown, status?: number): ProviderError {
  const error: JsonObject = isObject(value) ? value : {};
  const type = typeof error.type === 'string' ? error.type : undefined;
  const message = typeof error.message === 'string' ? error.message : 'The provider gave no reason.';
  const named = type !== undefined && Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  const general = named ?? kindOfStatus(status);
  const code = type === undefined ? {} : { code: type };
  if (general === 'rate_limited' && (SPENT.test(message) || SPENT_CODE.test(detailedCode(error))))
    return { kind: 'quota_exhausted', message, ...code };
  if (general !== 'invalid_request') return { kind: general, message, ...code };
  const long = TOO_LONG.exec(message);
  if (long) {
    const figures =
      long[1] === undefined ? {} : { tokens: { sent: Number(long[1]), limit: Number(long[2]) } };
    return { kind: 'context_too_long', message, ...code, ...figures };
  }
  const exceeds = EXCEEDS.exec(message);
  if (exceeds) {
    const sent = Number(exceeds[1]) + Number(exceeds[2]);
    return { kind: 'context_too_long', message, ...code, tokens: { sent, limit: Number(exceeds[3]) } };
  }
  if (SHUT.test(message)) return { kind: 'permission_denied', message, ...code };
  if (STATE_REFUSED.test(message)) return { kind: 'state_rejected', message, ...code };
  if (FILTERED.test(message)) return { kind: 'content_filtered', message, ...code };
  if (NO_CREDIT.test(message)) return { kind: 'quota_exhausted', message, ...code };
  return { kind: 'invalid_request', message, ...code };
}

function detailedCode({ details }: JsonObject): string {
  return isObject(details) && typeof details.error_code === 'string' ? details.error_code : '';
}

function kindOfStatus(status: number | undefined): ProviderErrorKind {
  if (status === undefined) return 'provider_error';
  return BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'invalid_request' : 'provider_error');
}
