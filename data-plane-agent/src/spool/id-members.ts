/** Combinations that are remembered; beyond it all are forgotten. */
const MOST_REMEMBERED = 4_000;

interface Remembered {
  readonly ids: readonly (string | null)[];
  readonly text: string;
}

/**
 * Writes ids as members of an object, `"a":"…","b":null`. Requests of one key at one deployment mostly name the same ones, so
 * that the text is remembered by those two: putting it together again out of a dozen pieces cost more than all else of a
 * record.
 */
export class IdMembers {
  private readonly names: readonly string[];
  private readonly second: number;
  private readonly remembered = new Map<string | null, Map<string | null, Remembered>>();
  private count = 0;

  /** @param second which id, besides the first, tells combinations apart best */
  constructor(names: readonly string[], second: string) {
    this.names = names;
    this.second = names.indexOf(second);
  }

  /** @param ids as many as there are names: ids and enumerations, text that needs no escapes; null for what is none */
  text(ids: readonly (string | null)[]): string {
    const [first = null] = ids;
    const second = ids[this.second] ?? null;
    const last = this.remembered.get(first)?.get(second);
    return last && isSame(last.ids, ids) ? last.text : this.remember(first, second, ids);
  }

  private remember(first: string | null, second: string | null, ids: readonly (string | null)[]): string {
    const members = this.names.map((name, index) => {
      const id = ids[index] ?? null;
      return `"${name}":${id === null ? 'null' : `"${id}"`}`;
    });
    // As one piece of memory, which is what makes it cheap to use.
    const text = Buffer.from(members.join(',')).toString();
    if (++this.count > MOST_REMEMBERED) {
      this.remembered.clear();
      this.count = 1;
    }
    const inner = this.remembered.get(first);
    if (inner) inner.set(second, { ids, text });
    else this.remembered.set(first, new Map([[second, { ids, text }]]));
    return text;
  }
}

function isSame(some: readonly (string | null)[], others: readonly (string | null)[]): boolean {
  for (let index = 0; index < others.length; index++) if (some[index] !== others[index]) return false;
  return true;
}
