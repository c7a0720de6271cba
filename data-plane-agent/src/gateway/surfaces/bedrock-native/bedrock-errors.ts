import type { ProviderErrorKind } from '../../chat/provider-error.ts';
import { writeAwsEvent } from '../../framing/write-aws-event.ts';
import type { SurfaceErrors } from '../chat-surface.ts';

/** Bedrock Runtime's exceptions by HTTP status (its API reference, "Errors" of Converse). */
const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'ValidationException',
  401: 'UnrecognizedClientException',
  402: 'ServiceQuotaExceededException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  413: 'ValidationException',
  429: 'ThrottlingException',
  503: 'ServiceUnavailableException',
  504: 'ModelTimeoutException',
};

const BY_KIND: Readonly<Record<ProviderErrorKind, string>> = {
  context_too_long: 'ValidationException',
  request_too_large: 'ValidationException',
  rate_limited: 'ThrottlingException',
  quota_exhausted: 'ServiceQuotaExceededException',
  overloaded: 'ServiceUnavailableException',
  content_filtered: 'ValidationException',
  state_rejected: 'ValidationException',
  invalid_request: 'ValidationException',
  unauthenticated: 'UnrecognizedClientException',
  permission_denied: 'AccessDeniedException',
  model_not_found: 'ResourceNotFoundException',
  timeout: 'ModelTimeoutException',
  provider_error: 'InternalServerException',
};

/** How errors look to the AWS SDKs: they tell the exception by a header, inside a stream by the message's type. */
export const bedrockErrors: SurfaceErrors = {
  gateway: (error) => ({
    __type:
      BY_STATUS[error.status] ?? (error.status < 500 ? 'ValidationException' : 'InternalServerException'),
    message: error.clientMessage(),
  }),
  provider: (error, status) => ({ status, body: { __type: BY_KIND[error.kind], message: error.message } }),
  headers: (body) => (typeof body.__type === 'string' ? ['x-amzn-errortype', body.__type] : []),
  event(body) {
    const type = typeof body.__type === 'string' ? body.__type : 'InternalServerException';
    const name = type.charAt(0).toLowerCase() + type.slice(1);
    const headers = {
      ':exception-type': name,
      ':content-type': 'application/json',
      ':message-type': 'exception',
    };
    return writeAwsEvent(headers, Buffer.from(JSON.stringify({ message: body.message })));
  },
  // The framing has no comment that the SDKs ignore.
  ping: undefined,
};
