import { WireError } from '../serving/wire-error.ts';

const statuses: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** An answer in Google's error shape, https://cloud.google.com/apis/design/errors. */
export class GoogleError extends WireError {
  readonly status: number;
  readonly details: readonly object[];

  constructor(status: number, message: string, details: readonly object[] = []) {
    super(message);
    this.name = 'GoogleError';
    this.status = status;
    this.details = details;
  }

  body(): string {
    const { status: code, message, details } = this;
    const status = statuses[code] ?? (code >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT');
    return JSON.stringify(
      { error: { code, message, status, ...(details.length > 0 && { details }) } },
      null,
      2,
    );
  }
}

const usualRetrySeconds = 7;

/** Which quota is spent, and when to come again. Google says it here and not in a header. */
export function quotaDetails(retrySeconds = usualRetrySeconds): object[] {
  const quotaMetric = 'generativelanguage.googleapis.com/generate_content_requests';
  return [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [{ quotaMetric, quotaValue: '10' }],
    },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retrySeconds}s` },
  ];
}

/** What Google says of a wrong key. */
export function invalidKey(): GoogleError {
  return new GoogleError(400, 'API key not valid. Please pass a valid API key.', [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ]);
}
