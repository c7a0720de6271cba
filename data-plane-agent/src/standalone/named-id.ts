import { sha256 } from '@bonito/protocol';

/**
 * The id of a thing that a file names: the same name gives the same id on every machine and after every restart. A UUID of
 * version 8 (RFC 9562 §5.8), made of the SHA-256 of kind and name.
 */
export function namedId(kind: 'organization' | 'provider' | 'model' | 'route' | 'key', name: string): string {
  const hex = sha256(`bonito ${kind} ${name}`);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20, 32),
  ].join('-');
}
