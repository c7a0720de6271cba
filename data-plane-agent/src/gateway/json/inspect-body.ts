import { resemblesField } from './key-resemblance.ts';
import { keyEquals, scanMembers, skipSpace } from './scan-members.ts';

/**
 * What may be done with a body whose `JSON.parse` view was used to decide something.
 *
 * - `forward`: every reader finds the same value in each decided field, so the bytes may be sent as they came.
 * - `serialize`: readers may differ (a field stands twice, or is spelled with escapes), but the parsed value has one
 *   meaning, so it is written anew.
 * - `ambiguous`: a key looks like a field without being it. Readers that ignore case, fold letters, cut at NUL or drop
 *   separators would take it for the field, and writing it anew would not help. Refused.
 * - `too_deep`: nests deeper than `MAXIMUM_DEPTH`. Refused, since readers differ in where they give up.
 */
export type BodyVerdict = 'forward' | 'serialize' | 'ambiguous' | 'too_deep';

/** How many objects and arrays may stand inside each other, the body itself included. */
export const MAXIMUM_DEPTH = 200;

/**
 * Looks at each key of the body's top level, and of a decided field's own value where that is an object
 * (`stream_options`). Duplicates of other keys do not matter: nothing is decided on them.
 *
 * What readers are known to do: keep the first or the last of duplicate keys (RFC 8259 §4 leaves it open); match keys
 * without regard to case, with Unicode's simple folds, so that `ſtream` is `stream` (Go's encoding/json; .NET's web
 * defaults without the folds); accept `streamOptions` for `stream_options` (protobuf's JSON form); treat a string as ended
 * at NUL (readers built on C strings). Byte order marks, comments, NaN, raw control characters, data behind the document
 * and invalid UTF-8 are refused by `parseBody` before this is asked.
 *
 * @param bytes a document that `JSON.parse` accepts, an object at the top
 * @param fields ASCII names in lower case
 */
export function inspectBody(bytes: Buffer, fields: readonly string[]): BodyVerdict {
  const seen = new Array<boolean>(fields.length).fill(false);
  let verdict: BodyVerdict = 'forward';
  const end = scanMembers(
    bytes,
    skipSpace(bytes, 0),
    (keyStart, keyEnd, valueStart, valueEnd, escaped, depth) => {
      if (depth >= MAXIMUM_DEPTH) {
        verdict = 'too_deep';
        return false;
      }
      for (let index = 0; index < fields.length; index++) {
        const field = fields[index] ?? '';
        if (!escaped && keyEquals(bytes, keyStart, keyEnd, field)) {
          if (seen[index] || !hasPlainKeys(bytes, valueStart, valueEnd)) verdict = 'serialize';
          seen[index] = true;
          return true;
        }
        const resemblance = resemblesField(bytes, keyStart, keyEnd, escaped, field);
        if (resemblance === 'other') continue;
        if (resemblance === 'alike') {
          verdict = 'ambiguous';
          return false;
        }
        verdict = 'serialize';
      }
      return true;
    },
  );
  // A document that the scan cannot follow is not one that was parsed; the cautious answer costs only time.
  return end === -1 && verdict === 'forward' ? 'serialize' : verdict;
}

/** Whether an object's keys are unique and without escapes; true for anything but an object. */
function hasPlainKeys(bytes: Buffer, start: number, end: number): boolean {
  if (bytes[start] !== 0x7b) return true;
  const keys = new Set<string>();
  const after = scanMembers(bytes, start, (keyStart, keyEnd, _valueStart, _valueEnd, escaped) => {
    const key = bytes.toString('utf8', keyStart, keyEnd);
    if (escaped || keys.has(key)) return false;
    keys.add(key);
    return true;
  });
  return after === end;
}
