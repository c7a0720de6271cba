import { WireError } from '../serving/wire-error.ts';

const types: Record<number, string> = {
  400: 'ValidationException',
  403: 'AccessDeniedException',
  404: 'ResourceNotFoundException',
  408: 'ModelTimeoutException',
  424: 'ModelErrorException',
  429: 'ThrottlingException',
  500: 'InternalServerException',
  503: 'ServiceUnavailableException',
};

/** An answer in the error shape of AWS's REST JSON protocol: the type is in a header, the message in the body. */
export class BedrockError extends WireError {
  readonly status: number;
  readonly type: string;

  constructor(status: number, message: string, type?: string) {
    super(message);
    this.name = 'BedrockError';
    this.status = status;
    this.type = type ?? types[status] ?? (status >= 500 ? 'InternalServerException' : 'ValidationException');
    this.headers['x-amzn-errortype'] = `${this.type}:http://internal.amazon.com/coral/com.amazon.bedrock/`;
  }

  body(): string {
    return JSON.stringify({ message: this.message });
  }
}
