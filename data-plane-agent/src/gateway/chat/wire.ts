/** The languages that a chat can stand in. A surface and a provider kind may share one. */
export type Wire = 'openai-chat' | 'anthropic-messages';

/** An object as `JSON.parse` makes it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Something that the neutral form has no words for, as it stood on its wire. */
export interface Original {
  readonly wire: Wire;
  readonly value: unknown;
}

/** Members that the neutral form has no names for, as they stood on their wire. */
export interface Extra {
  readonly wire: Wire;
  readonly fields: JsonObject;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members of a wire object that are not among the names that its reader took; undefined when there are none. */
export function takeExtra(wire: Wire, object: JsonObject, taken: ReadonlySet<string>): Extra | undefined {
  let fields: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(object)) {
    if (taken.has(name)) continue;
    fields ??= Object.create(null) as Record<string, unknown>;
    fields[name] = value;
  }
  return fields && { wire, fields };
}
