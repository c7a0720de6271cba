import type { Citation } from '../../chat/chat-content.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { readCitations } from './read-citations.ts';

/** What text that comes after it is not a part with. */
const BETWEEN_TEXTS: ReadonlySet<ChatEvent['type']> = new Set<ChatEvent['type']>([
  'reasoning',
  'reasoning_state',
  'tool_call',
  'tool_arguments',
  'media',
]);

/**
 * The text of one choice as it grows, to place in it what is cited at its end. To Gemini the text of a stream is one part; to
 * us it is several where something stood in between, and a citation belongs to the last one.
 */
export class StreamedText {
  private text = '';
  private partStart = 0;
  private partIsOver = false;
  /** Of all pieces so far: some pieces tell their own sources alone, and count on from those before. */
  private readonly sources: unknown[] = [];
  private readonly cited = new Set<string>();
  /** Sources that came before any text did. */
  private early: Citation[] = [];

  /** An event of the choice that went out. */
  note(event: ChatEvent): void {
    if (BETWEEN_TEXTS.has(event.type)) this.partIsOver = true;
    if (event.type !== 'text') return;
    if (this.partIsOver) this.partStart = this.text.length;
    this.partIsOver = false;
    this.text += event.text;
  }

  /** The citations of a piece, placed in the part that was told last. */
  citations(candidate: JsonObject): Citation[] {
    const { groundingMetadata: grounding } = candidate;
    const whole = isObject(grounding)
      ? { ...candidate, groundingMetadata: { ...grounding, groundingChunks: this.sourcesFor(grounding) } }
      : candidate;
    const told: Citation[] = [];
    for (const { citation, loose } of readCitations(whole, () => this.text)) {
      if (loose && this.cited.has(keyOf(citation))) continue;
      if (loose && this.text === '') this.early.push(citation);
      else {
        this.cited.add(keyOf(citation));
        told.push(this.placed(citation));
      }
    }
    return told;
  }

  /** Sources that no piece came back to. */
  rest(): Citation[] {
    const left = this.early.filter((citation) => !this.cited.has(keyOf(citation)));
    this.early = [];
    return left;
  }

  private sourcesFor({ groundingChunks, groundingSupports }: JsonObject): readonly unknown[] {
    const own: unknown[] = Array.isArray(groundingChunks) ? groundingChunks : [];
    this.sources.push(...own);
    const supports: unknown[] = Array.isArray(groundingSupports) ? groundingSupports : [];
    const isBeyond = (index: unknown) => typeof index === 'number' && index >= own.length;
    const countsOn = supports.some(
      (one) =>
        isObject(one) && Array.isArray(one.groundingChunkIndices) && one.groundingChunkIndices.some(isBeyond),
    );
    return countsOn ? this.sources : own;
  }

  private placed({ start, end, ...rest }: Citation): Citation {
    const isHere = start !== undefined && end !== undefined && end > this.partStart;
    return {
      ...rest,
      ...(isHere && { start: Math.max(0, start - this.partStart), end: end - this.partStart }),
    };
  }
}

function keyOf({ url, title, quote }: Citation): string {
  return JSON.stringify([url, title, quote]);
}
