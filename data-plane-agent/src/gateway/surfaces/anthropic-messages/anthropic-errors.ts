import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import type { JsonObject } from '../../chat/wire.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import type { SurfaceErrors } from '../chat-surface.ts';

/** Anthropic's types and statuses (its API reference, "Errors"). */
const FORMS: Readonly<Record<ProviderErrorKind, readonly [status: number, type: string]>> = {
  context_too_long: [400, 'invalid_request_error'],
  request_too_large: [413, 'request_too_large'],
  rate_limited: [429, 'rate_limit_error'],
  quota_exhausted: [402, 'billing_error'],
  overloaded: [529, 'overloaded_error'],
  content_filtered: [400, 'invalid_request_error'],
  state_rejected: [400, 'invalid_request_error'],
  invalid_request: [400, 'invalid_request_error'],
  unauthenticated: [401, 'authentication_error'],
  permission_denied: [403, 'permission_error'],
  model_not_found: [404, 'not_found_error'],
  timeout: [504, 'timeout_error'],
  provider_error: [500, 'api_error'],
};

const TYPE_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

/** How errors look in Anthropic's API. */
export const anthropicErrors: SurfaceErrors = {
  gateway: (error, requestId) => envelope(typeOf(error), messageOf(error), requestId),
  provider(error, _status, requestId) {
    const [status, type] = FORMS[error.kind];
    return { status, body: envelope(type, sentenceOf(error), requestId) };
  },
  event: (body) => Buffer.from(`event: error\ndata: ${JSON.stringify(body)}\n\n`),
  ping: Buffer.from('event: ping\ndata: {"type": "ping"}\n\n'),
};

function envelope(type: string, message: string, requestId: string): JsonObject {
  return { type: 'error', error: { type, message }, request_id: requestId };
}

function typeOf(error: GatewayError): string {
  const known = TYPE_OF_STATUS[error.status];
  if (known !== undefined) return known;
  return error.status >= 500 ? 'api_error' : 'invalid_request_error';
}

/** Anthropic names the field in front of its sentence. */
function messageOf(error: GatewayError): string {
  const message = error.clientMessage();
  return error.param === null ? message : `${error.param}: ${message}`;
}

/** Anthropic's own sentences, the second of which tells an agent to ask for less and not to send less. */
const OWN_SENTENCES = /(?:prompt is too long: \d|input length and `?max_tokens`? exceed context limit).*/is;

/**
 * Anthropic's sentence for a full window: agents read the figures out of it, shrink and try again. Without figures its
 * beginning alone is there.
 */
function sentenceOf(error: ProviderError): string {
  if (error.kind !== 'context_too_long') return error.message;
  // A cloud that hands them on puts its own words in front.
  const own = OWN_SENTENCES.exec(error.message)?.[0];
  if (own !== undefined) return own;
  if (/^prompt is too long/i.test(error.message)) return error.message;
  if (!error.tokens) return `prompt is too long: ${error.message}`;
  const { sent, limit } = error.tokens;
  return `prompt is too long: ${sent} tokens > ${limit} maximum`;
}
