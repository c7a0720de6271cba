/** Combinations that are remembered; beyond it all are forgotten. */
const MOST_REMEMBERED = 1_000;

interface Remembered {
  readonly ids: readonly (string | null)[];
  readonly text: string;
}

/**
 * Writes ids as members of an object, `"a":"…","b":null`. Requests of one key mostly name the same ones, so that the text is
 * remembered by the first of them: putting it together again out of a dozen pieces cost more than all else of a record.
 */
export class IdMembers {
  private readonly names: readonly string[];
  private readonly remembered = new Map<string | null, Remembered>();

  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** @param ids as many as there are names: ids and enumerations, text that needs no escapes; null for what is none */
  text(ids: readonly (string | null)[]): string {
    const first = ids[0] ?? null;
    const last = this.remembered.get(first);
    if (last && isSame(last.ids, ids)) return last.text;
    const members = this.names.map((name, index) => {
      const id = ids[index] ?? null;
      return `"${name}":${id === null ? 'null' : `"${id}"`}`;
    });
    // As one piece of memory, which is what makes it cheap to use.
    const text = Buffer.from(members.join(',')).toString();
    if (this.remembered.size >= MOST_REMEMBERED) this.remembered.clear();
    this.remembered.set(first, { ids, text });
    return text;
  }
}

function isSame(some: readonly (string | null)[], others: readonly (string | null)[]): boolean {
  for (let index = 0; index < others.length; index++) if (some[index] !== others[index]) return false;
  return true;
}
