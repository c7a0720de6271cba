import { WireError } from '../serving/wire-error.ts';

const codes: Record<number, string> = {
  401: '401',
  404: 'DeploymentNotFound',
  429: '429',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

/** An answer in Azure OpenAI's error shape: a code and a message, and of filters the details. */
export class AzureError extends WireError {
  readonly status: number;
  readonly code: string;
  readonly more: object;

  constructor(status: number, message: string, code?: string, more: object = {}) {
    super(message);
    this.name = 'AzureError';
    this.status = status;
    this.code = code ?? codes[status] ?? 'BadRequest';
    this.more = more;
  }

  body(): string {
    return JSON.stringify({ error: { code: this.code, message: this.message, ...this.more } });
  }
}

const safe = { filtered: false, severity: 'safe' };

/** The filter refused the prompt. */
export function filteredPrompt(): AzureError {
  const message =
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766";
  const results = {
    hate: safe,
    self_harm: safe,
    sexual: safe,
    violence: { filtered: true, severity: 'high' },
  };
  return new AzureError(400, message, 'content_filter', {
    param: 'prompt',
    type: null,
    status: 400,
    innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: results },
  });
}
