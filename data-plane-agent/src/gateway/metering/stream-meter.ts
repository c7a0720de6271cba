import type { TokenCounts } from '@bonito/protocol';
import type { SseEvent } from '../sse/sse-event.ts';
import { estimateEvent, estimateTokens } from './estimate-tokens.ts';
import { readJsonRecord } from './read-json-record.ts';
import { readOpenAiUsage } from './read-openai-usage.ts';

const USAGE = Buffer.from('"usage"');
const BLANK_LINE = Buffer.from('\n\n');
const OPEN_BRACE = 0x7b;
const COLON = 0x3a;
const SPACE = 0x20;
/** `data: ` in front of an event's text and the blank line behind it. */
const FRAME_BYTES = 8;

/**
 * Counts what a stream uses: by the provider's own figures where a chunk carries them, by sizes otherwise. Hides the usage
 * chunk that the client did not ask for.
 */
export class StreamMeter {
  private readonly inputBytes: number;
  private readonly hideUsage: boolean;
  private figures: TokenCounts | undefined;
  private outputTokens = 0;
  private smallestEventBytes = Number.POSITIVE_INFINITY;

  /** @param hideUsage the gateway asked for the usage chunk, the client did not */
  constructor(inputBytes: number, hideUsage: boolean) {
    this.inputBytes = inputBytes;
    this.hideUsage = hideUsage;
  }

  /** Whether these bytes may hold figures, so that their events have to be looked at one by one. */
  concerns(bytes: Buffer): boolean {
    for (let at = bytes.indexOf(USAGE); at !== -1; at = bytes.indexOf(USAGE, at + USAGE.length)) {
      // OpenAI writes "usage":null into every other chunk. Quotes inside of strings are escaped, so this is a real token.
      if (opensObject(bytes, at + USAGE.length)) return true;
    }
    return false;
  }

  /** Takes in whole events at once that `concerns` found nothing in. */
  countEvents(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(BLANK_LINE); end !== -1; end = bytes.indexOf(BLANK_LINE, start)) {
      this.count(end + BLANK_LINE.length - start - FRAME_BYTES);
      start = end + BLANK_LINE.length;
    }
  }

  /** Takes in one event with data. False when the client must not see it. */
  event(event: SseEvent): boolean {
    const { data } = event;
    if (!data) return true;
    if (!this.concerns(data)) {
      this.count(data.length);
      return true;
    }
    const chunk = readJsonRecord(data);
    const figures = readOpenAiUsage(chunk?.usage);
    if (!chunk || !figures) {
      this.count(data.length);
      return true;
    }
    this.figures = figures;
    const usageOnly = !Array.isArray(chunk.choices) || chunk.choices.length === 0;
    if (!usageOnly) this.count(data.length);
    return !(usageOnly && this.hideUsage);
  }

  result(): { tokens: TokenCounts; quality: 'exact' | 'estimated' } {
    if (this.figures) return { tokens: this.figures, quality: 'exact' };
    return { tokens: estimateTokens(this.inputBytes, this.outputTokens), quality: 'estimated' };
  }

  private count(bytes: number): void {
    if (bytes < this.smallestEventBytes) this.smallestEventBytes = bytes;
    this.outputTokens += estimateEvent(bytes, this.smallestEventBytes);
  }
}

function opensObject(bytes: Buffer, index: number): boolean {
  let at = skipSpace(bytes, index);
  if (bytes[at] !== COLON) return false;
  at = skipSpace(bytes, at + 1);
  return bytes[at] === OPEN_BRACE;
}

function skipSpace(bytes: Buffer, index: number): number {
  let at = index;
  while ((bytes[at] ?? 0x21) <= SPACE) at++;
  return at;
}
