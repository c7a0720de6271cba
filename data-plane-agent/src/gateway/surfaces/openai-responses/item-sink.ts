import type { JsonObject } from '../../chat/wire.ts';

/** Where the events go that tell of the output as it grows. */
export interface ItemSink {
  event(type: string, fields: JsonObject): void;
  /** One with more text: `head` and `tail` are what stands around the text, as JSON. */
  delta(type: string, head: string, text: string, tail: string): void;
}

/** Where an item stands in the output. */
export interface ItemPlace {
  readonly id: string;
  readonly index: number;
}

/** How an item ends. */
export type ItemStatus = 'completed' | 'incomplete';

/** An item of the output that is being written. */
export interface OpenItem extends ItemPlace {
  /** The item as it is told of at first. */
  readonly begun: JsonObject;
  /** Completes the part that is open, if there is one. */
  closePart(): void;
  /** Completes the item; nothing follows. */
  close(status: ItemStatus): JsonObject;
}

/** What stands in front of the text in each of a part's deltas; without a part, in those of the item. */
export function deltaHead({ id, index }: ItemPlace, part?: readonly [name: string, index: number]): string {
  const inside = part === undefined ? '' : `"${part[0]}":${part[1]},`;
  return `,"item_id":${JSON.stringify(id)},"output_index":${index},${inside}"delta":`;
}
