import { WireError } from '../serving/wire-error.ts';

/** An answer in OpenAI's error shape, https://platform.openai.com/docs/guides/error-codes. */
export class OpenAiError extends WireError {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
  readonly param: string | null;

  constructor(status: number, message: string, details: { code?: string; param?: string } = {}) {
    super(message);
    this.name = 'OpenAiError';
    const known = knownStatuses[status] ?? (status >= 500 ? serverError : invalidRequest);
    this.status = status;
    this.type = known.type;
    this.code = details.code ?? known.code;
    this.param = details.param ?? null;
  }

  /** The JSON body. */
  body(): string {
    const { message, type, param, code } = this;
    return JSON.stringify({ error: { message, type, param, code } });
  }
}

interface KnownStatus {
  type: string;
  code: string | null;
}

const invalidRequest: KnownStatus = { type: 'invalid_request_error', code: null };
const serverError: KnownStatus = { type: 'server_error', code: null };

const knownStatuses: Record<number, KnownStatus> = {
  401: { type: 'invalid_request_error', code: 'invalid_api_key' },
  403: { type: 'invalid_request_error', code: 'unsupported_country_region_territory' },
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded' },
};
