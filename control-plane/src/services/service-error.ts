/** Why a service refused. The code is stable; the message says what to do next. */
export const SERVICE_ERROR_CODES = [
  'unauthenticated',
  'forbidden',
  'organization_required',
  'not_found',
  'invalid_request',
  'name_taken',
  'in_use',
  'conflict',
] as const;
export type ServiceErrorCode = (typeof SERVICE_ERROR_CODES)[number];

/** A place in the input that was wrong. */
export interface InputIssue {
  /** `price.input`, or empty for the whole. */
  path: string;
  message: string;
}

export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;
  readonly issues: readonly InputIssue[];

  constructor(code: ServiceErrorCode, message: string, issues: readonly InputIssue[] = []) {
    super(message);
    this.code = code;
    this.issues = issues;
  }
}

/** The one answer for what is absent and for what belongs to somebody else. */
export function notFound(what: string): ServiceError {
  return new ServiceError('not_found', `there is no ${what} with this id in this organization`);
}
