import type { ProviderErrorKind } from '../../chat/provider-error.ts';
import type { SurfaceErrors } from '../chat-surface.ts';

/** google.rpc.Code by HTTP status. */
const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  402: 'RESOURCE_EXHAUSTED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const BY_KIND: Readonly<Record<ProviderErrorKind, string>> = {
  context_too_long: 'INVALID_ARGUMENT',
  request_too_large: 'INVALID_ARGUMENT',
  rate_limited: 'RESOURCE_EXHAUSTED',
  quota_exhausted: 'RESOURCE_EXHAUSTED',
  overloaded: 'UNAVAILABLE',
  content_filtered: 'INVALID_ARGUMENT',
  state_rejected: 'INVALID_ARGUMENT',
  invalid_request: 'INVALID_ARGUMENT',
  unauthenticated: 'UNAUTHENTICATED',
  permission_denied: 'PERMISSION_DENIED',
  model_not_found: 'NOT_FOUND',
  timeout: 'DEADLINE_EXCEEDED',
  provider_error: 'INTERNAL',
};

/** How errors look to Google's SDKs: `google.rpc.Status` inside `error`. */
export const googleErrors: SurfaceErrors = {
  gateway: (error) => ({
    error: {
      code: error.status,
      message: error.clientMessage(),
      status: BY_STATUS[error.status] ?? 'INTERNAL',
    },
  }),
  provider: (error, status) => ({
    status,
    body: { error: { code: status, message: error.message, status: BY_KIND[error.kind] } },
  }),
  event: (body) => Buffer.from(`data: ${JSON.stringify(body)}\n\n`),
  ping: Buffer.from(': ping\n\n'),
};
