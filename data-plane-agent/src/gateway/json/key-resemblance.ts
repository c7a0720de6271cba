import { decodeKey } from './scan-members.ts';

/** How a key stands to a field: the `same` once escapes are resolved, `alike` to some readers, or `other`. */
export type Resemblance = 'same' | 'alike' | 'other';

/**
 * Compares a key that is not literally the field with it. Keys of plain ASCII are compared in place; others are decoded.
 */
export function resemblesField(
  bytes: Buffer,
  keyStart: number,
  keyEnd: number,
  escaped: boolean,
  field: string,
): Resemblance {
  if (!escaped) {
    const plain = compareAscii(bytes, keyStart + 1, keyEnd - 1, field);
    if (plain !== undefined) return plain ? 'alike' : 'other';
  }
  const key = decodeKey(bytes, keyStart, keyEnd, escaped);
  if (key === field) return 'same';
  return alikeField(key, field) ? 'alike' : 'other';
}

/** Whether some reader may take a decoded name for the field. */
export function alikeField(name: string, field: string): boolean {
  const cut = name.indexOf('\0');
  return fold(name) === fold(field) || (cut !== -1 && fold(name.slice(0, cut)) === fold(field));
}

/** Compares letters and digits without regard to case; undefined where a byte beyond ASCII stands in the way. */
function compareAscii(bytes: Buffer, start: number, end: number, field: string): boolean | undefined {
  let at = start;
  for (let index = 0; index < field.length; index++) {
    const wanted = field.charCodeAt(index);
    if (!isLetterOrDigit(wanted)) continue;
    let byte = bytes[at++] ?? 0;
    while (at <= end && byte < 0x80 && !isLetterOrDigit(byte)) byte = bytes[at++] ?? 0;
    if (at > end) return false;
    if (byte >= 0x80) return undefined;
    if (lower(byte) !== wanted) return false;
  }
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= 0x80) return undefined;
    if (isLetterOrDigit(byte)) return false;
  }
  return true;
}

function isLetterOrDigit(byte: number): boolean {
  const low = byte | 0x20;
  return (low >= 0x61 && low <= 0x7a) || (byte >= 0x30 && byte <= 0x39);
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

/** Wider than any known reader: compatibility forms, both case maps, and nothing but letters and digits kept. */
function fold(key: string): string {
  return key
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
