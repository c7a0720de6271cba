import type { Problem } from '@bonito/protocol';
import { type InputIssue, ServiceError, type ServiceErrorCode } from '../services/service-error.ts';

/** Refusals that come from HTTP itself, before a service is asked. */
const HTTP_ERROR_CODES = [
  'malformed_json',
  'unsupported_media_type',
  'body_too_large',
  'method_not_allowed',
  'no_such_address',
  'unavailable',
  'internal_error',
] as const;
type HttpErrorCode = (typeof HTTP_ERROR_CODES)[number];
export type ProblemCode = ServiceErrorCode | HttpErrorCode;

const PROBLEMS: Record<ProblemCode, { status: ProblemStatus; title: string }> = {
  unauthenticated: { status: 401, title: 'Not authenticated' },
  forbidden: { status: 403, title: 'Not allowed' },
  organization_required: { status: 400, title: 'No organization named' },
  not_found: { status: 404, title: 'Not found' },
  invalid_request: { status: 422, title: 'Invalid input' },
  name_taken: { status: 409, title: 'Name taken' },
  in_use: { status: 409, title: 'In use' },
  conflict: { status: 409, title: 'Conflict' },
  malformed_json: { status: 400, title: 'Malformed JSON' },
  unsupported_media_type: { status: 415, title: 'Unsupported media type' },
  body_too_large: { status: 413, title: 'Body too large' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  no_such_address: { status: 404, title: 'No such address' },
  unavailable: { status: 503, title: 'Unavailable' },
  internal_error: { status: 500, title: 'Internal error' },
};
type ProblemStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 500 | 503;

/** An error that HTTP answers with a problem. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  constructor(code: HttpErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }
}

/** A problem (RFC 9457) as an answer. What an unexpected error says is never shown. */
export function problemResponse(error: unknown, requestId: string): Response {
  const known = error instanceof ServiceError || error instanceof HttpError;
  const code: ProblemCode = known ? error.code : isUnreachable(error) ? 'unavailable' : 'internal_error';
  const { status, title } = PROBLEMS[code];
  const issues: readonly InputIssue[] = error instanceof ServiceError ? error.issues : [];
  const problem: Problem = {
    type: `urn:bonito:problem:${code}`,
    title,
    status,
    detail: known ? error.message : DETAILS[code === 'unavailable' ? 'unavailable' : 'internal_error'],
    code,
    request_id: requestId,
    ...(issues.length > 0 && { errors: [...issues] }),
  };
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json',
    'x-request-id': requestId,
  };
  if (error instanceof HttpError) Object.assign(headers, error.headers);
  if (status === 401) headers['www-authenticate'] = 'Bearer realm="bonito"';
  if (status === 503) headers['retry-after'] = '1';
  return new Response(JSON.stringify(problem), { status, headers });
}

const DETAILS = {
  unavailable: 'the database cannot be reached; try again in a moment',
  internal_error: 'something went wrong here; the log holds more under this request id',
};

/** Network errors of the driver, and the classes of Postgres errors that pass: connections, resources, shutdown. */
const UNREACHABLE = /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|ENOENT$|08|53|57P0)/;

function isUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && UNREACHABLE.test(error.code)) return true;
  return /^(timeout exceeded when trying to connect|Connection terminated)/.test(error.message);
}
