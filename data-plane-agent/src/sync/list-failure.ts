import type { CommandAnswer, CredentialReference, ListPermission, ValidationReason } from '@bonito/protocol';
import { isObject } from '../gateway/chat/wire.ts';
import type { CredentialProblem } from '../gateway/ports.ts';

/** Why there is no list, in words of closed sets alone. */
export type ListFailure = Pick<CommandAnswer, 'error_code' | 'reason' | 'permission'>;

/** There is no credential to ask with. */
export function credentialFailure(
  problem: CredentialProblem | undefined,
  credential: CredentialReference,
): ListFailure {
  return {
    error_code: 'credential_unavailable',
    reason: problem ?? 'not_configured',
    // A role is the one thing that needs a permission before a provider is asked.
    ...(problem === 'permission_missing' && credential.from === 'aws' && { permission: 'sts:AssumeRole' }),
  };
}

/** An answer that is no list. */
export interface Refusal {
  statusCode: number;
  /** Lower-case names. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  bytes: Buffer | undefined;
}

/**
 * What errors are called where a status alone does not tell them apart. AWS: "Common errors" of its APIs. Google: reasons of
 * `google.rpc.ErrorInfo`.
 */
const BY_CODE: Readonly<Record<string, ValidationReason>> = {
  ExpiredTokenException: 'expired',
  ExpiredToken: 'expired',
  UnrecognizedClientException: 'refused',
  InvalidSignatureException: 'refused',
  IncompleteSignature: 'refused',
  InvalidClientTokenId: 'refused',
  OptInRequired: 'wrong_region',
  AccessDeniedException: 'permission_missing',
  API_KEY_INVALID: 'refused',
  API_KEY_EXPIRED: 'expired',
  ACCESS_TOKEN_EXPIRED: 'expired',
  SERVICE_DISABLED: 'permission_missing',
  IAM_PERMISSION_DENIED: 'permission_missing',
};

/** Reads an error answer. @param permission what the list needs */
export function answeredWith(refusal: Refusal, permission: ListPermission | undefined): ListFailure {
  const reason = codesOf(refusal).flatMap((code) => BY_CODE[code] ?? [])[0] ?? byStatus(refusal.statusCode);
  const about = ['refused', 'expired', 'permission_missing', 'wrong_region'].includes(reason);
  return {
    error_code: about ? 'authentication_failed' : 'provider_error',
    reason,
    ...(reason === 'permission_missing' && permission && { permission }),
  };
}

function byStatus(status: number): ValidationReason {
  if (status === 401) return 'refused';
  return status === 403 ? 'permission_missing' : 'model_list_refused';
}

/** Every name that the answer gives its error; only ones of the table are looked at. */
function codesOf({ headers, bytes }: Refusal): string[] {
  const codes: unknown[] = [String(headers['x-amzn-errortype'] ?? '').split(':')[0]];
  try {
    const body: unknown = JSON.parse(bytes?.toString() ?? '');
    const error = isObject(body) && isObject(body.error) ? body.error : undefined;
    const details = Array.isArray(error?.details) ? error.details : [];
    codes.push(...details.map((detail: unknown) => (isObject(detail) ? detail.reason : undefined)));
    if (isObject(body) && typeof body.__type === 'string') codes.push(body.__type.split('#').at(-1));
  } catch {
    // No JSON: the status says enough.
  }
  return codes.filter((code): code is string => typeof code === 'string' && Object.hasOwn(BY_CODE, code));
}
