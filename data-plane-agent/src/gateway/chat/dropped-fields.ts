import type { Extra, JsonObject, Original, Wire } from './wire.ts';

/**
 * Collects the names of what a wire cannot express while a chat is written to it, so that the caller refuses or reports
 * them. Names are paths of wire fields, `messages[2].cache_control`; they never hold values.
 */
export class DroppedFields {
  readonly #wire: Wire;
  readonly #names = new Set<string>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  get names(): readonly string[] {
    return [...this.#names];
  }

  add(path: string): void {
    this.#names.add(path);
  }

  /**
   * The extra members when they are of this wire; otherwise none, and their names are noted. Members that hold nothing are
   * not lost: clients hand answers back with all that stood in them, null and empty lists too.
   */
  keepExtra(extra: Extra | undefined, path: string): JsonObject {
    if (extra === undefined) return {};
    if (extra.wire === this.#wire) return extra.fields;
    for (const [name, value] of Object.entries(extra.fields))
      if (!isNothing(value)) this.add(path === '' ? name : `${path}.${name}`);
    return {};
  }

  /** The original value when it is of this wire; otherwise undefined, and `path` is noted. */
  keepOriginal(original: Original, path: string): unknown {
    if (original.wire === this.#wire) return original.value;
    this.add(path);
    return undefined;
  }
}

/** Whether a member says the same as none: clients hand back all that an answer had, null and empty lists too. */
export function isNothing(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** Something written to a wire, and the names of what could not be. */
export interface Written<Value> {
  readonly value: Value;
  readonly dropped: readonly string[];
}
