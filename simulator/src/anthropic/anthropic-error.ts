import { WireError } from '../serving/wire-error.ts';

const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

/** An answer in Anthropic's error shape, https://docs.claude.com/en/api/errors. */
export class AnthropicError extends WireError {
  readonly status: number;
  readonly type: string;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'AnthropicError';
    this.status = status;
    this.type = types[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  }

  body(): string {
    const { type, message } = this;
    return JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_sim' });
  }
}
