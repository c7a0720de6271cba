import type { TokenCounts } from '@bonito/protocol';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import type { FrameSight, PassMeter } from '../provider-kind.ts';
import { errorIn } from './chunk-errors.ts';
import { readUsage } from './read-usage.ts';

const DONE = Buffer.from('[DONE]');
const ERROR = Buffer.from('"error"');
const ERROR_EVENT = Buffer.from('event: error');
const USAGE = Buffer.from('"usage"');
/** Azure's first chunk, which says what its filter thinks of the prompt. */
const FILTERED_PROMPT = Buffer.from('"prompt_filter_results"');
const FINISH = Buffer.from('"finish_reason"');
const OPEN_BRACE = 0x7b;
const COLON = 0x3a;
const QUOTE = 0x22;
const SPACE = 0x20;
/** `[DONE]` and what may stand around it. */
const LONGEST_DONE = 16;

/** Finds the figures, the end and errors in a stream of chat or text completions that is passed on. */
export class ChatPassMeter implements PassMeter {
  figures: TokenCounts | undefined;
  mayClose = false;
  private readonly hideUsage: boolean;
  private readonly sendsDone: boolean;

  /**
   * @param hideUsage the gateway asked for the usage chunk, the client did not
   * @param sendsDone the server ends its streams with `[DONE]`
   */
  constructor(hideUsage: boolean, sendsDone: boolean) {
    this.hideUsage = hideUsage;
    this.sendsDone = sendsDone;
  }

  concerns(bytes: Buffer): boolean {
    if (bytes.includes(DONE) || bytes.includes(ERROR) || bytes.includes(ERROR_EVENT)) return true;
    if (!this.sendsDone && holdsReason(bytes)) return true;
    return holdsUsage(bytes);
  }

  frame({ event, data }: StreamFrame): FrameSight {
    if (data.length === 0) return 'keep-alive';
    if (isDone(data)) return 'end';
    if (event === 'error') return 'error';
    if (!this.sendsDone && holdsReason(data)) this.mayClose = true;
    if (data.includes(ERROR) && isError(readJsonRecord(data))) {
      // OpenRouter says with it what was used until then.
      if (holdsUsage(data)) this.readUsage(data);
      return 'error';
    }
    if (holdsUsage(data)) return this.readUsage(data);
    return data.includes(FILTERED_PROMPT) && hasNoChoices(readJsonRecord(data)) ? 'opening' : 'data';
  }

  private readUsage(data: Buffer): FrameSight {
    const chunk = readJsonRecord(data);
    const figures = chunk && readUsage(chunk)?.counts;
    if (!figures) return 'data';
    this.figures = figures;
    const usageOnly = !Array.isArray(chunk.choices) || chunk.choices.length === 0;
    return usageOnly && this.hideUsage ? 'hidden' : 'data';
  }
}

function isError(chunk: ReturnType<typeof readJsonRecord>): boolean {
  return chunk !== undefined && errorIn(chunk) !== undefined;
}

function hasNoChoices(chunk: ReturnType<typeof readJsonRecord>): boolean {
  return Array.isArray(chunk?.choices) && chunk.choices.length === 0;
}

function isDone(data: Buffer): boolean {
  if (data.equals(DONE)) return true;
  return data.length <= LONGEST_DONE && data.toString('latin1').trim() === '[DONE]';
}

/** A reason that is said: most chunks have null there, some servers' an empty word. */
function holdsReason(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(FINISH); at !== -1; at = bytes.indexOf(FINISH, at + FINISH.length)) {
    const value = valueAt(bytes, at + FINISH.length);
    if (bytes[value] === QUOTE && bytes[value + 1] !== QUOTE) return true;
  }
  return false;
}

/** OpenAI writes "usage":null into every other chunk. Quotes inside of strings are escaped, so a find is a real token. */
function holdsUsage(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(USAGE); at !== -1; at = bytes.indexOf(USAGE, at + USAGE.length)) {
    if (opensObject(bytes, at + USAGE.length)) return true;
  }
  return false;
}

function opensObject(bytes: Buffer, index: number): boolean {
  return bytes[valueAt(bytes, index)] === OPEN_BRACE;
}

/** Where the value of a member begins whose name ends before the index; -1 when no colon follows it. */
function valueAt(bytes: Buffer, index: number): number {
  const colon = skipSpace(bytes, index);
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1;
}

function skipSpace(bytes: Buffer, index: number): number {
  let at = index;
  while ((bytes[at] ?? 0x21) <= SPACE) at++;
  return at;
}
