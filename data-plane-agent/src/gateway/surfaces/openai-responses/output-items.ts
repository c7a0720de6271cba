import type { Citation } from '../../chat/chat-content.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject, type Original } from '../../chat/wire.ts';
import { takeLogprobs } from './chat-members.ts';
import { type ItemPrefix, itemId } from './item-ids.ts';
import {
  callItem,
  type OpenCall,
  type OpenItem,
  type OpenMessage,
  type OpenPart,
  type OpenReasoning,
  writeAnnotation,
} from './open-items.ts';
import { writeReasoningState } from './reasoning-state.ts';

/** Where the events go that tell of the output as it grows. */
export interface ItemSink {
  event(type: string, fields: JsonObject): void;
  /** One with more text: `head` and `tail` are what stands around the text, as JSON. */
  delta(type: string, head: string, text: string, tail: string): void;
}

/**
 * Makes the output of a response out of the events of an answer. One item is written at a time, so that each is complete
 * before the next one begins, as in OpenAI's own streams. Made anew for each answer.
 */
export class OutputItems {
  /** The items that are complete. */
  readonly output: JsonObject[] = [];
  private readonly answerId: string;
  private readonly sink: ItemSink;
  private readonly dropped: DroppedFields;
  private open: OpenItem | undefined;
  private readonly calls = new Map<number, OpenCall>();

  constructor(answerId: string, sink: ItemSink, dropped: DroppedFields) {
    this.answerId = answerId;
    this.sink = sink;
    this.dropped = dropped;
  }

  take(event: ChatEvent): void {
    if ('choice' in event && event.choice !== 0) return this.dropped.add('choices');
    switch (event.type) {
      case 'text':
        return this.text('output_text', event.text);
      case 'refusal':
        return this.text('refusal', event.text);
      case 'reasoning':
        return this.reasoning(event.text);
      case 'reasoning_state':
        for (const state of writeReasoningState(event)) this.closeReasoning(this.reasoningItem(), state);
        return;
      case 'citation':
        return this.citation(event.citation);
      case 'media':
        return this.media(event);
      case 'tool_call':
        return this.begin(this.callItem(event));
      case 'tool_arguments':
        return this.callText(event.call, event.text);
      case 'part_end':
        return this.closePart();
      case 'other': {
        if (event.original.wire === 'openai-chat') return this.logprobs(event.original);
        const value = this.dropped.keepOriginal(event.original, 'output');
        if (isObject(value) && isObject(value.item)) this.whole(value.item);
        return;
      }
      default:
        return;
    }
  }

  /** Completes what is open, at the end of the answer. */
  close(status: 'completed' | 'incomplete' = 'completed'): void {
    const { open } = this;
    if (open === undefined) return;
    if (open.kind === 'reasoning') return this.closeReasoning(open, null);
    this.closePart();
    if (open.kind === 'call') this.closeCall(open);
    const item = open.kind === 'call' ? callItem(open, status) : messageItem(open, status);
    this.done(open, item);
  }

  private place(prefix: ItemPrefix) {
    const index = this.output.length;
    return { id: itemId(prefix, this.answerId, index), index };
  }

  /** The item before is complete now. Places are counted after that. */
  private begin(make: () => readonly [OpenItem, JsonObject]): void {
    this.close();
    const [open, item] = make();
    this.open = open;
    this.sink.event('response.output_item.added', { output_index: open.index, item });
  }

  private done(open: { readonly index: number }, item: JsonObject): void {
    this.open = undefined;
    this.output.push(item);
    this.sink.event('response.output_item.done', { output_index: open.index, item });
  }

  private whole(item: JsonObject): void {
    this.close();
    const index = this.output.length;
    this.sink.event('response.output_item.added', { output_index: index, item });
    this.done({ index }, item);
  }

  private message(): OpenMessage {
    if (this.open?.kind === 'message') return this.open;
    this.close();
    const open: OpenMessage = { kind: 'message', ...this.place('msg'), content: [], part: undefined };
    this.begin(() => [open, messageItem(open, 'in_progress')]);
    return open;
  }

  private part(type: OpenPart['type']): OpenPart {
    const message = this.message();
    if (message.part?.type === type) return message.part;
    this.closePart();
    const { id, index, content } = message;
    const head = placeHead(id, index, 'content_index', content.length);
    const part: OpenPart = { type, head, text: '', annotations: [], logprobs: [], waiting: [] };
    message.part = part;
    this.sink.event('response.content_part.added', {
      item_id: id,
      output_index: index,
      content_index: content.length,
      part: writePart(part),
    });
    return part;
  }

  private text(type: OpenPart['type'], text: string): void {
    if (text === '') return;
    const part = this.part(type);
    part.text += text;
    if (type === 'refusal') this.sink.delta('response.refusal.delta', part.head, text, '');
    else this.sink.delta('response.output_text.delta', part.head, text, ',"logprobs":[]');
  }

  private citation(citation: Citation): void {
    const part = this.part('output_text');
    if (citation.url !== undefined && citation.end === undefined) part.waiting.push(citation);
    else this.annotate(part, citation);
  }

  private annotate(part: OpenPart, citation: Citation): void {
    const annotation = writeAnnotation(citation, part.text.length);
    if (!annotation) return this.dropped.add('output.annotations');
    const message = this.message();
    this.sink.event('response.output_text.annotation.added', {
      item_id: message.id,
      output_index: message.index,
      content_index: message.content.length,
      annotation_index: part.annotations.length,
      annotation,
    });
    part.annotations.push(annotation);
  }

  /** They come after the deltas of their text, and stand in what completes it. */
  private logprobs(original: Original): void {
    const logprobs = takeLogprobs(original, this.dropped);
    const part = this.open?.kind === 'message' ? this.open.part : undefined;
    if (part?.type === 'output_text') part.logprobs.push(...logprobs);
    else if (logprobs.length > 0) this.dropped.add('logprobs');
  }

  private reasoningItem(): OpenReasoning {
    if (this.open?.kind === 'reasoning') return this.open;
    this.close();
    const open: OpenReasoning = { kind: 'reasoning', ...this.place('rs'), summary: [], text: undefined };
    this.begin(() => [open, { id: open.id, type: 'reasoning', summary: [] }]);
    return open;
  }

  private reasoning(text: string): void {
    if (text === '') return;
    const item = this.reasoningItem();
    if (!item.text) {
      const { id, index, summary } = item;
      item.text = { head: placeHead(id, index, 'summary_index', summary.length), value: '' };
      this.sink.event('response.reasoning_summary_part.added', {
        item_id: id,
        output_index: index,
        summary_index: summary.length,
        part: { type: 'summary_text', text: '' },
      });
    }
    item.text.value += text;
    this.sink.delta('response.reasoning_summary_text.delta', item.text.head, text, '');
  }

  private closeReasoning(open: OpenReasoning, state: string | null): void {
    this.closePart();
    const { id, summary } = open;
    this.done(open, { id, type: 'reasoning', summary, encrypted_content: state });
  }

  /** Completes the part that is open in the item that is open. */
  private closePart(): void {
    const { open } = this;
    if (open?.kind === 'message' && open.part) this.closeMessagePart(open, open.part);
    if (open?.kind !== 'reasoning' || !open.text) return;
    const text = open.text.value;
    const place = { item_id: open.id, output_index: open.index, summary_index: open.summary.length };
    const part = { type: 'summary_text', text };
    this.sink.event('response.reasoning_summary_text.done', { ...place, text });
    this.sink.event('response.reasoning_summary_part.done', { ...place, part });
    open.text = undefined;
    open.summary.push(part);
  }

  private closeMessagePart(open: OpenMessage, part: OpenPart): void {
    for (const citation of part.waiting) this.annotate(part, citation);
    const { text } = part;
    const place = { item_id: open.id, output_index: open.index, content_index: open.content.length };
    if (part.type === 'refusal') this.sink.event('response.refusal.done', { ...place, refusal: text });
    else this.sink.event('response.output_text.done', { ...place, text, logprobs: part.logprobs });
    const written = writePart(part);
    this.sink.event('response.content_part.done', { ...place, part: written });
    open.part = undefined;
    open.content.push(written);
  }

  private callItem(call: Extract<ChatEvent, { type: 'tool_call' }>) {
    return () => {
      const place = this.place(call.custom ? 'ctc' : 'fc');
      const head = `,"item_id":${JSON.stringify(place.id)},"output_index":${place.index},"delta":`;
      const open: OpenCall = { kind: 'call', ...place, call, head, text: '' };
      this.calls.set(call.call, open);
      return [open, callItem(open, 'in_progress')] as const;
    };
  }

  private callText(call: number, text: string): void {
    const open = this.calls.get(call);
    if (!open || text === '') return;
    // Its item was complete when the next one began: more of it cannot be told, and must not be lost.
    if (this.open !== open) throw new Error('Arguments of a call came after another item began.');
    open.text += text;
    const type = open.call.custom
      ? 'response.custom_tool_call_input.delta'
      : 'response.function_call_arguments.delta';
    this.sink.delta(type, open.head, text, '');
  }

  private closeCall(open: OpenCall): void {
    const place = { item_id: open.id, output_index: open.index };
    if (open.call.custom)
      return this.sink.event('response.custom_tool_call_input.done', { ...place, input: open.text });
    // Clients parse: a call without arguments has an empty object.
    if (open.text === '') this.callText(open.call.call, '{}');
    this.sink.event('response.function_call_arguments.done', { ...place, arguments: open.text });
  }

  /** OpenAI's form for a picture that the model made: its bytes, whole. */
  private media({ part }: Extract<ChatEvent, { type: 'media' }>): void {
    const { source } = part;
    if (part.type !== 'image' || source.kind !== 'base64') return this.dropped.add(`output.${part.type}`);
    this.close();
    const { id } = this.place('ig');
    const format = /^image\/(png|webp|jpeg|gif)$/.exec(source.mediaType)?.[1];
    this.whole({
      id,
      type: 'image_generation_call',
      status: 'completed',
      ...(format !== undefined && { output_format: format }),
      result: source.data,
    });
  }
}

function placeHead(id: string, index: number, name: string, part: number): string {
  return `,"item_id":${JSON.stringify(id)},"output_index":${index},"${name}":${part},"delta":`;
}

function messageItem({ id, content }: OpenMessage, status: string): JsonObject {
  return { id, type: 'message', status, content: [...content], role: 'assistant' };
}

function writePart({ type, text, annotations, logprobs }: OpenPart): JsonObject {
  if (type === 'refusal') return { type, refusal: text };
  return { type, annotations: [...annotations], logprobs: [...logprobs], text };
}
