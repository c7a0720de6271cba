import type { JsonObject } from '../../chat/wire.ts';
import { deltaHead, type ItemPlace, type ItemSink, type OpenItem } from './item-sink.ts';

/** A thought: pieces of a summary, and the state that completes it. */
export class ReasoningItem implements OpenItem {
  readonly id: string;
  readonly index: number;
  private readonly sink: ItemSink;
  private readonly summary: JsonObject[] = [];
  private open: { readonly head: string; text: string } | undefined;

  constructor({ id, index }: ItemPlace, sink: ItemSink) {
    this.id = id;
    this.index = index;
    this.sink = sink;
  }

  get begun(): JsonObject {
    return { id: this.id, type: 'reasoning', summary: [] };
  }

  text(text: string): void {
    const part = this.open ?? this.beginPart();
    part.text += text;
    this.sink.delta('response.reasoning_summary_text.delta', part.head, text, '');
  }

  closePart(): void {
    if (this.open === undefined) return;
    const { text } = this.open;
    const part = { type: 'summary_text', text };
    this.sink.event('response.reasoning_summary_text.done', { ...this.place, text });
    this.sink.event('response.reasoning_summary_part.done', { ...this.place, part });
    this.open = undefined;
    this.summary.push(part);
  }

  close(): JsonObject {
    return this.closeWith(null);
  }

  /** @param state as `encrypted_content`; null where there is none */
  closeWith(state: string | null): JsonObject {
    this.closePart();
    return { id: this.id, type: 'reasoning', summary: this.summary, encrypted_content: state };
  }

  private get place() {
    return { item_id: this.id, output_index: this.index, summary_index: this.summary.length };
  }

  private beginPart() {
    const begun = { head: deltaHead(this, ['summary_index', this.summary.length]), text: '' };
    this.open = begun;
    const part = { type: 'summary_text', text: '' };
    this.sink.event('response.reasoning_summary_part.added', { ...this.place, part });
    return begun;
  }
}
