import type { ChatEvent } from '../../chat/chat-event.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject, type Original } from '../../chat/wire.ts';
import { CallItem } from './call-item.ts';
import { takeLogprobs } from './chat-members.ts';
import { type ItemPrefix, itemId } from './item-ids.ts';
import type { ItemSink, ItemStatus, OpenItem } from './item-sink.ts';
import { MessageItem } from './message-item.ts';
import { ReasoningItem } from './reasoning-item.ts';
import { writeReasoningState } from './reasoning-state.ts';

/**
 * Makes the output of a response out of the events of an answer. One item is written at a time, so that each is complete
 * before the next one begins, as in OpenAI's own streams; only calls whose arguments come by turns are open together. Made
 * anew for each answer.
 */
export class OutputItems {
  private readonly answerId: string;
  private readonly sink: ItemSink;
  private readonly dropped: DroppedFields;
  /** By their places; those that are not complete yet are missing. */
  private readonly items: JsonObject[] = [];
  private next = 0;
  private open: OpenItem | undefined;
  /** Calls before the one that is open, which are not complete. */
  private waiting: CallItem[] = [];
  private readonly calls = new Map<number, CallItem>();

  constructor(answerId: string, sink: ItemSink, dropped: DroppedFields) {
    this.answerId = answerId;
    this.sink = sink;
    this.dropped = dropped;
  }

  /** The items that are complete. */
  get output(): JsonObject[] {
    return this.items.filter((item) => item !== undefined);
  }

  take(event: ChatEvent): void {
    if ('choice' in event && event.choice !== 0) return this.dropped.add('choices');
    switch (event.type) {
      case 'text':
        if (event.text !== '') this.message().text('output_text', event.text);
        return;
      case 'refusal':
        if (event.text !== '') this.message().text('refusal', event.text);
        return;
      case 'reasoning':
        if (event.text !== '') this.reasoning().text(event.text);
        return;
      case 'reasoning_state':
        for (const state of writeReasoningState(event)) {
          const item = this.reasoning();
          this.done(item, item.closeWith(state));
        }
        return;
      case 'citation':
        return this.message().citation(event.citation);
      case 'media':
        return this.media(event);
      case 'tool_call':
        return this.beginCall(event);
      case 'tool_arguments':
        return this.callText(event.call, event.text);
      case 'part_end':
        return this.open?.closePart();
      case 'other':
        return this.other(event.original);
      default:
        return;
    }
  }

  /** Completes what is open, at the end of the answer. */
  close(status: ItemStatus = 'completed'): void {
    const { waiting, open } = this;
    this.waiting = [];
    for (const call of waiting) this.done(call, call.close(status));
    if (open) this.done(open, open.close(status));
  }

  private place(prefix: ItemPrefix) {
    const index = this.next++;
    return { id: itemId(prefix, this.answerId, index), index };
  }

  private begin<Item extends OpenItem>(item: Item): Item {
    this.open = item;
    this.sink.event('response.output_item.added', { output_index: item.index, item: item.begun });
    return item;
  }

  private done({ index }: { readonly index: number }, item: JsonObject): void {
    if (this.open?.index === index) this.open = undefined;
    this.items[index] = item;
    this.sink.event('response.output_item.done', { output_index: index, item });
  }

  private whole(item: JsonObject): void {
    this.close();
    const index = this.next++;
    this.sink.event('response.output_item.added', { output_index: index, item });
    this.done({ index }, item);
  }

  private message(): MessageItem {
    if (this.open instanceof MessageItem) return this.open;
    this.close();
    return this.begin(new MessageItem(this.place('msg'), this.sink, this.dropped));
  }

  private reasoning(): ReasoningItem {
    if (this.open instanceof ReasoningItem) return this.open;
    this.close();
    return this.begin(new ReasoningItem(this.place('rs'), this.sink));
  }

  private beginCall(event: Extract<ChatEvent, { type: 'tool_call' }>): void {
    const { open } = this;
    if (open instanceof CallItem && !open.isWhole) this.waiting.push(open);
    else if (this.waiting.length === 0 || !(open instanceof CallItem)) this.close();
    else this.done(open, open.close('completed'));
    const place = this.place(event.custom ? 'ctc' : 'fc');
    this.calls.set(event.call, this.begin(new CallItem(place, this.sink, event)));
  }

  private callText(call: number, text: string): void {
    const item = this.calls.get(call);
    if (!item || text === '') return;
    // Its item was complete when the next one began: more of it cannot be told, and must not be lost.
    if (this.open !== item && !this.waiting.includes(item))
      throw new Error('Arguments of a call came after it was complete.');
    item.text(text);
  }

  private other(original: Original): void {
    if (original.wire === 'openai-chat') {
      if (this.open instanceof MessageItem) this.open.logprobs(original);
      else if (takeLogprobs(original, this.dropped).length > 0) this.dropped.add('logprobs');
      return;
    }
    const value = this.dropped.keepOriginal(original, 'output');
    if (isObject(value) && isObject(value.item)) this.whole(value.item);
  }

  /** OpenAI's form for a picture that the model made: its bytes, whole. */
  private media({ part }: Extract<ChatEvent, { type: 'media' }>): void {
    const { source } = part;
    if (part.type !== 'image' || source.kind !== 'base64') return this.dropped.add(`output.${part.type}`);
    this.close();
    const format = /^image\/(png|webp|jpeg|gif)$/.exec(source.mediaType)?.[1];
    this.whole({
      id: itemId('ig', this.answerId, this.next),
      type: 'image_generation_call',
      status: 'completed',
      ...(format !== undefined && { output_format: format }),
      result: source.data,
    });
  }
}
