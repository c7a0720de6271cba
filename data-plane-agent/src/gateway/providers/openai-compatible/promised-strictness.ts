import type { SchemaPromise } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** Keywords with data, and not with schemas. */
const DATA: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'required']);

/**
 * Whether a schema is promised to be kept to. OpenAI refuses the promise where a member may be left out (its guide
 * "Structured outputs", "All fields must be required"). A promise of elsewhere is named there, and not asked for; its own
 * clients hear of it from the provider.
 */
export function promisedStrictness(
  { strict, optionalMembers }: SchemaPromise,
  schema: JsonObject | undefined,
  path: string,
  dropped: DroppedFields,
): boolean | undefined {
  if (strict !== true || optionalMembers !== true || !leavesOut(schema)) return strict;
  dropped.add(path);
  return false;
}

function leavesOut(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(leavesOut);
  if (!isObject(value)) return false;
  const { properties, required } = value;
  if (isObject(properties)) {
    const needed: readonly unknown[] = Array.isArray(required) ? required : [];
    const members = Object.entries(properties);
    if (members.some(([name, member]) => !needed.includes(name) || leavesOut(member))) return true;
  }
  return Object.entries(value).some(
    ([name, entry]) => name !== 'properties' && !DATA.has(name) && leavesOut(entry),
  );
}
