/** Why something that came over the protocol was refused. Codes are stable; they are what heartbeats report. */
export const PROTOCOL_ERROR_CODES = [
  'signature_invalid',
  'signing_key_untrusted',
  'manifest_malformed',
  'manifest_for_another_organization',
  'manifest_older',
  'protocol_unsupported',
  'section_missing',
  'section_digest_mismatch',
  'section_malformed',
  'section_inconsistent',
  'storage_failed',
  'fetch_failed',
] as const;

export type ProtocolErrorCode = (typeof PROTOCOL_ERROR_CODES)[number];

/** A refusal with the place it happened at. `section` and `path` hold configured names only, never values. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolErrorCode;
  readonly section: string | undefined;
  readonly path: string | undefined;

  constructor(code: ProtocolErrorCode, message: string, place: { section?: string; path?: string } = {}) {
    super(message);
    this.code = code;
    this.section = place.section;
    this.path = place.path;
  }
}
