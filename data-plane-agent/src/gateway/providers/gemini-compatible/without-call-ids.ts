import { isObject } from '../../chat/wire.ts';

/** By both spellings that Google reads. */
const CALLS = ['functionCall', 'functionResponse', 'function_call', 'function_response'] as const;

/**
 * Contents without the ids of calls and results, for a host that refuses them: clients of the Gemini API send them. They meet
 * by their order as well.
 *
 * @returns undefined where there are none to leave out
 */
export function withoutCallIds(contents: unknown): unknown[] | undefined {
  if (!Array.isArray(contents) || !contents.some((one) => partsIn(one).some(hasId))) return undefined;
  return contents.map((one: unknown) =>
    isObject(one) && partsIn(one).some(hasId) ? { ...one, parts: partsIn(one).map(withoutId) } : one,
  );
}

function partsIn(content: unknown): readonly unknown[] {
  return isObject(content) && Array.isArray(content.parts) ? content.parts : [];
}

function hasId(part: unknown): boolean {
  return isObject(part) && CALLS.some((name) => isObject(part[name]) && part[name].id !== undefined);
}

function withoutId(part: unknown): unknown {
  if (!isObject(part)) return part;
  const written: Record<string, unknown> = { ...part };
  for (const name of CALLS) {
    const value = part[name];
    if (!isObject(value)) continue;
    const { id: _refused, ...rest } = value;
    written[name] = rest;
  }
  return written;
}
