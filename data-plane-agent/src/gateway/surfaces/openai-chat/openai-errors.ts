import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import type { JsonObject } from '../../chat/wire.ts';
import type { GatewayError } from '../../errors/gateway-error.ts';
import type { SurfaceErrors } from '../chat-surface.ts';

/** OpenAI's words for one kind of error: what its SDKs and agents act on. */
interface OpenAiForm {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
}

/** Types and codes as OpenAI's API gives them (API reference, "Error codes", and what its SDKs tell apart). */
const FORMS: Readonly<Record<ProviderErrorKind, OpenAiForm>> = {
  context_too_long: { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  request_too_large: { status: 413, type: 'invalid_request_error', code: 'request_too_large' },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  quota_exhausted: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  overloaded: { status: 503, type: 'server_error', code: 'overloaded' },
  content_filtered: { status: 400, type: 'invalid_request_error', code: 'content_filter' },
  state_rejected: { status: 400, type: 'invalid_request_error', code: 'invalid_encrypted_content' },
  invalid_request: { status: 400, type: 'invalid_request_error', code: null },
  unauthenticated: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  permission_denied: { status: 403, type: 'permission_error', code: 'permission_denied' },
  model_not_found: { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  timeout: { status: 504, type: 'server_error', code: 'timeout' },
  provider_error: { status: 502, type: 'server_error', code: 'provider_error' },
};

/** A provider's error in OpenAI's shape. */
export function openAiErrorOf(error: ProviderError): JsonObject {
  const { type, code } = FORMS[error.kind];
  return {
    message: messageOf(error),
    type,
    param: error.param ?? null,
    code: code ?? (error.kind === 'invalid_request' ? null : (error.code ?? null)),
  };
}

/** OpenAI's sentence for a full window, which agents look for to shrink and try again. */
function messageOf(error: ProviderError): string {
  if (error.kind !== 'context_too_long' || !error.tokens) return error.message;
  const { sent, limit } = error.tokens;
  return `This model's maximum context length is ${limit} tokens. However, your messages resulted in ${sent} tokens. ${error.message}`;
}

/** How errors look in OpenAI's APIs. */
export const openAiErrors: SurfaceErrors = {
  gateway: (error) => ({ error: gatewayError(error) }),
  provider: (error) => ({ status: FORMS[error.kind].status, body: { error: openAiErrorOf(error) } }),
  // OpenAI's SDKs throw when an event's data has a member `error`; no `[DONE]` follows, since the stream did not end well.
  event: (body) => Buffer.from(`data: ${JSON.stringify(body)}\n\n`),
  ping: Buffer.from(': ping\n\n'),
};

function gatewayError(error: GatewayError): JsonObject {
  return { message: error.clientMessage(), type: error.type, param: error.param, code: error.code };
}
