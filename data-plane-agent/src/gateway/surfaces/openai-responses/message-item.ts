import type { Citation } from '../../chat/chat-content.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject, Original } from '../../chat/wire.ts';
import { takeLogprobs } from './chat-members.ts';
import { deltaHead, type ItemPlace, type ItemSink, type ItemStatus, type OpenItem } from './item-sink.ts';
import { writeAnnotation } from './write-annotation.ts';

type PartType = 'output_text' | 'refusal';

/** The part that is being written. */
interface OpenPart {
  readonly type: PartType;
  readonly head: string;
  text: string;
  readonly annotations: JsonObject[];
  readonly logprobs: JsonObject[];
  /** Those that stand for the whole part, whose end is not known yet. */
  readonly waiting: Citation[];
}

/** A message, part by part. */
export class MessageItem implements OpenItem {
  readonly id: string;
  readonly index: number;
  private readonly sink: ItemSink;
  private readonly dropped: DroppedFields;
  private readonly content: JsonObject[] = [];
  private open: OpenPart | undefined;

  constructor({ id, index }: ItemPlace, sink: ItemSink, dropped: DroppedFields) {
    this.id = id;
    this.index = index;
    this.sink = sink;
    this.dropped = dropped;
  }

  get begun(): JsonObject {
    return this.item('in_progress');
  }

  text(type: PartType, text: string): void {
    const part = this.part(type);
    part.text += text;
    if (type === 'refusal') this.sink.delta('response.refusal.delta', part.head, text, '');
    else this.sink.delta('response.output_text.delta', part.head, text, ',"logprobs":[]');
  }

  citation(citation: Citation): void {
    const part = this.part('output_text');
    if (citation.url !== undefined && citation.end === undefined) part.waiting.push(citation);
    else this.annotate(part, citation);
  }

  /** They come after the deltas of their text, and stand in what completes it. */
  logprobs(original: Original): void {
    const logprobs = takeLogprobs(original, this.dropped);
    if (this.open?.type === 'output_text') this.open.logprobs.push(...logprobs);
    else if (logprobs.length > 0) this.dropped.add('logprobs');
  }

  closePart(): void {
    const { open: part } = this;
    if (part === undefined) return;
    for (const citation of part.waiting) this.annotate(part, citation);
    const { text } = part;
    if (part.type === 'refusal') this.sink.event('response.refusal.done', { ...this.place, refusal: text });
    else this.sink.event('response.output_text.done', { ...this.place, text, logprobs: part.logprobs });
    const written = writePart(part);
    this.sink.event('response.content_part.done', { ...this.place, part: written });
    this.open = undefined;
    this.content.push(written);
  }

  close(status: ItemStatus): JsonObject {
    this.closePart();
    return this.item(status);
  }

  private get place() {
    return { item_id: this.id, output_index: this.index, content_index: this.content.length };
  }

  private item(status: string): JsonObject {
    return { id: this.id, type: 'message', status, content: [...this.content], role: 'assistant' };
  }

  private part(type: PartType): OpenPart {
    if (this.open?.type === type) return this.open;
    this.closePart();
    const head = deltaHead(this, ['content_index', this.content.length]);
    const part: OpenPart = { type, head, text: '', annotations: [], logprobs: [], waiting: [] };
    this.open = part;
    this.sink.event('response.content_part.added', { ...this.place, part: writePart(part) });
    return part;
  }

  private annotate(part: OpenPart, citation: Citation): void {
    const annotation = writeAnnotation(citation, part.text.length);
    if (!annotation) return this.dropped.add('output.annotations');
    this.sink.event('response.output_text.annotation.added', {
      ...this.place,
      annotation_index: part.annotations.length,
      annotation,
    });
    part.annotations.push(annotation);
  }
}

function writePart({ type, text, annotations, logprobs }: OpenPart): JsonObject {
  if (type === 'refusal') return { type, refusal: text };
  return { type, annotations: [...annotations], logprobs: [...logprobs], text };
}
