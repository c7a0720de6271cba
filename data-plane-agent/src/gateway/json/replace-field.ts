import { keyEquals, scanMembers, skipSpace } from './scan-members.ts';

/** One change at the top level: the field, and the JSON text of its new value; undefined takes the field out. */
export interface FieldEdit {
  readonly field: string;
  readonly json: string | undefined;
}

/**
 * Sets top-level members by splicing bytes: a member that is there gets the new value in its place, one that is missing
 * is put in front of all others, one that is taken out goes with its comma. Everything else stays byte for byte. One copy,
 * however many edits.
 *
 * Holds only for bytes that `proveBody` or `parseBody` passed for these fields: with duplicates, just one would change.
 *
 * @throws TypeError when the bytes are not one whole JSON object
 */
export function editTopLevel(bytes: Buffer, edits: readonly FieldEdit[]): Buffer {
  if (edits.some(({ json }) => json === undefined)) return rebuild(bytes, edits);
  const open = skipSpace(bytes, 0);
  const found: { start: number; end: number; edit: FieldEdit }[] = [];
  let members = 0;
  const end = scanMembers(bytes, open, (keyStart, keyEnd, valueStart, valueEnd, escaped) => {
    members++;
    if (escaped) return true;
    const edit = edits.find(({ field }) => keyEquals(bytes, keyStart, keyEnd, field));
    if (edit) found.push({ start: valueStart, end: valueEnd, edit });
    return true;
  });
  if (end === -1) throw new TypeError('only a JSON object has fields to set');
  const missing = edits.filter((edit) => !found.some((place) => place.edit === edit));
  const added = missing.map(({ field, json }) => `${JSON.stringify(field)}:${json}`).join(',');
  const pieces = [bytes.subarray(0, open + 1)];
  if (added !== '') pieces.push(Buffer.from(members > 0 ? `${added},` : added));
  let copied = open + 1;
  for (const { start, end: valueEnd, edit } of found) {
    pieces.push(bytes.subarray(copied, start), Buffer.from(edit.json ?? ''));
    copied = valueEnd;
  }
  pieces.push(bytes.subarray(copied));
  return Buffer.concat(pieces);
}

/** The same where fields are taken out: the members that stay are put together anew, each byte for byte. */
function rebuild(bytes: Buffer, edits: readonly FieldEdit[]): Buffer {
  const pieces: Buffer[] = [];
  const present = new Set<FieldEdit>();
  const end = scanMembers(bytes, skipSpace(bytes, 0), (keyStart, keyEnd, valueStart, valueEnd, escaped) => {
    const edit = escaped ? undefined : edits.find(({ field }) => keyEquals(bytes, keyStart, keyEnd, field));
    if (edit) present.add(edit);
    if (!edit) pieces.push(bytes.subarray(keyStart, valueEnd));
    else if (edit.json !== undefined)
      pieces.push(Buffer.concat([bytes.subarray(keyStart, valueStart), Buffer.from(edit.json)]));
    return true;
  });
  if (end === -1) throw new TypeError('only a JSON object has fields to set');
  for (const edit of edits) {
    if (edit.json !== undefined && !present.has(edit))
      pieces.unshift(Buffer.from(`${JSON.stringify(edit.field)}:${edit.json}`));
  }
  const joined = pieces.flatMap((piece, index) => (index === 0 ? [piece] : [COMMA, piece]));
  return Buffer.concat([OPEN, ...joined, CLOSE]);
}

const OPEN = Buffer.from('{');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from('}');

/** Gives a top-level field a new string; see `editTopLevel`. */
export function replaceTopLevelString(bytes: Buffer, field: string, value: string): Buffer {
  return editTopLevel(bytes, [{ field, json: JSON.stringify(value) }]);
}
