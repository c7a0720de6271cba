import type { Citation } from '../../chat/chat-content.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import type { JsonObject } from '../../chat/wire.ts';
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

  /** An event of the choice that went out. */
  note(event: ChatEvent): void {
    if (BETWEEN_TEXTS.has(event.type)) this.partIsOver = true;
    if (event.type !== 'text') return;
    if (this.partIsOver) this.partStart = this.text.length;
    this.partIsOver = false;
    this.text += event.text;
  }

  /** The citations of a piece, placed in the part that was told last. */
  cited(candidate: JsonObject): Citation[] {
    return readCitations(candidate, () => this.text).map(({ citation }) => {
      const { start, end, ...rest } = citation;
      const isHere = start !== undefined && end !== undefined && end > this.partStart;
      return {
        ...rest,
        ...(isHere && { start: Math.max(0, start - this.partStart), end: end - this.partStart }),
      };
    });
  }
}
