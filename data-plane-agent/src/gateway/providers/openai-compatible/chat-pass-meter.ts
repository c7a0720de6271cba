import type { TokenCounts } from '@bonito/protocol';
import { isObject } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';
import type { FrameSight, PassMeter } from '../provider-kind.ts';

const DONE = Buffer.from('[DONE]');
const ERROR = Buffer.from('"error"');
const ERROR_EVENT = Buffer.from('event: error');
const USAGE = Buffer.from('"usage"');
/** Azure's first chunk, which says what its filter thinks of the prompt. */
const FILTERED_PROMPT = Buffer.from('"prompt_filter_results"');
const NO_CHOICES = Buffer.from('"choices":[]');
const FINISH = Buffer.from('"finish_reason":"');
const OPEN_BRACE = 0x7b;
const COLON = 0x3a;
const SPACE = 0x20;

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
    if (!this.sendsDone && bytes.includes(FINISH)) return true;
    return holdsUsage(bytes);
  }

  frame({ event, data }: StreamFrame): FrameSight {
    if (data.length === 0) return 'keep-alive';
    if (data.equals(DONE)) return 'end';
    if (event === 'error') return 'error';
    if (!this.sendsDone && data.includes(FINISH)) this.mayClose = true;
    if (data.includes(ERROR) && isError(readJsonRecord(data))) return 'error';
    if (data.includes(FILTERED_PROMPT) && data.includes(NO_CHOICES)) return 'opening';
    return holdsUsage(data) ? this.readUsage(data) : 'data';
  }

  private readUsage(data: Buffer): FrameSight {
    const chunk = readJsonRecord(data);
    const figures =
      readOpenAiUsage(chunk?.usage) ??
      readOpenAiUsage(isObject(chunk?.x_groq) ? chunk.x_groq.usage : undefined);
    if (!chunk || !figures) return 'data';
    this.figures = figures;
    const usageOnly = !Array.isArray(chunk.choices) || chunk.choices.length === 0;
    return usageOnly && this.hideUsage ? 'hidden' : 'data';
  }
}

/** OpenAI's place for an error, and that of Mistral and older servers, which send the error object itself. */
function isError(chunk: ReturnType<typeof readJsonRecord>): boolean {
  const error = chunk?.error;
  return isObject(error) || typeof error === 'string' || chunk?.object === 'error';
}

/** OpenAI writes "usage":null into every other chunk. Quotes inside of strings are escaped, so a find is a real token. */
function holdsUsage(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(USAGE); at !== -1; at = bytes.indexOf(USAGE, at + USAGE.length)) {
    if (opensObject(bytes, at + USAGE.length)) return true;
  }
  return false;
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
