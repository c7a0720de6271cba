/** One call of a choice, while its pieces come. */
interface Place {
  readonly call: number;
  readonly id: string;
}

/**
 * Tells which call of a choice a piece belongs to. OpenAI numbers calls; some servers leave the number out, some give every
 * call the number 0, some repeat id and name in each piece, and some name a call only after its id.
 */
export class CallPlaces {
  /** The last call that came under each of the server's numbers. */
  private readonly byIndex = new Map<number, Place>();
  private readonly heldIds = new Map<number, string>();
  private count = 0;
  private last: Place | undefined;

  get size(): number {
    return this.count;
  }

  /** The call that a piece continues; undefined when it begins one, or cannot be told. */
  find(index: number | undefined, id: string, names: boolean): number | undefined {
    const known = index === undefined ? this.findUnnumbered(id) : this.byIndex.get(index);
    if (known === undefined) return undefined;
    // A whole new call under a number that was used before.
    if (names && id !== '' && known.id !== '' && known.id !== id) return undefined;
    return known.call;
  }

  /** Begins a call; its number among the calls of the choice, from 0. */
  begin(index: number | undefined, id: string): number {
    const place = { call: this.count, id };
    this.count += 1;
    this.byIndex.set(index ?? place.call, place);
    this.last = place;
    return place.call;
  }

  /** Keeps the id of a call that has no name yet. */
  holdId(index: number | undefined, id: string): void {
    if (id !== '') this.heldIds.set(index ?? this.count, id);
  }

  heldId(index: number | undefined): string {
    return this.heldIds.get(index ?? this.count) ?? '';
  }

  private findUnnumbered(id: string): Place | undefined {
    if (id === '') return this.last;
    for (const place of this.byIndex.values()) if (place.id === id) return place;
    return undefined;
  }
}
