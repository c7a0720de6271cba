import { CredentialError } from './credential-error.ts';

/** Members of a JSON object from a secret or a credential service, read one by one. */
export type JsonFields = Readonly<Record<string, unknown>>;

/** @throws CredentialError `malformed` for anything but a JSON object; the text itself is not told */
export function parseFields(text: string): JsonFields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CredentialError('malformed');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CredentialError('malformed');
  }
  return value as JsonFields;
}

/** A member that is text; undefined for anything else, and for empty text. */
export function textField(fields: JsonFields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @throws CredentialError `malformed` */
export function requiredField(fields: JsonFields, name: string): string {
  const value = textField(fields, name);
  if (value === undefined) throw new CredentialError('malformed');
  return value;
}

/** A number, also where it stands as text: Azure writes `"3599"`. */
export function numberField(fields: JsonFields, name: string): number | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** Text that will stand in a header. @throws CredentialError `malformed` */
export function headerSafe(text: string): string {
  if (!HEADER_SAFE.test(text)) throw new CredentialError('malformed');
  return text;
}
