import type { TokenCounts, UsageErrorCode } from '@bonito/protocol';
import type { ByteBudget } from '../body/byte-budget.ts';
import { HeldBytes } from '../body/held-bytes.ts';
import { scanUsage } from '../json/scan-usage.ts';
import { estimateBytes, estimateTokens } from '../metering/estimate-tokens.ts';
import { readJsonRecord } from '../metering/read-json-record.ts';
import { readOpenAiUsage } from '../metering/read-openai-usage.ts';
import { failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import type { AnswerReader, ExchangeControl } from './answer-reader.ts';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/** What was used, and how well that is known. */
export interface Usage {
  tokens: TokenCounts;
  quality: 'exact' | 'estimated';
}

/** Where an answer in one piece goes. */
export interface WholeSink {
  /** The complete answer: the commit point. */
  send(body: Buffer, usage: Usage): void;
  /** The head of an answer that is too large to be held: the commit point. */
  startPieces(): void;
  write(bytes: Buffer, resume: () => void): boolean;
  endPieces(): void;
  /** The promised bytes will not all come. */
  breakOff(): void;
}

/**
 * Holds an answer until it is complete, so that one that breaks off is never seen and its usage is known before the head
 * leaves; the bytes go out as they came. What does not fit is passed on piece by piece, and its usage estimated.
 */
export class WholeReader implements AnswerReader {
  private readonly control: ExchangeControl;
  private readonly outlet: WholeSink;
  private readonly inputBytes: number;
  private readonly held: HeldBytes;
  private readonly resume = () => this.control.resume();
  private chunks: Buffer[] = [];
  private bytes = 0;
  private passing = false;

  constructor(
    control: ExchangeControl,
    outlet: WholeSink,
    inputBytes: number,
    limits: { bufferBytes: number; budget: ByteBudget },
  ) {
    this.control = control;
    this.outlet = outlet;
    this.inputBytes = inputBytes;
    this.held = new HeldBytes(limits.budget, limits.bufferBytes);
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.passing) this.pass(chunk);
    else if (this.hold(chunk.length)) this.chunks.push(chunk);
    else this.startPassing(chunk);
  }

  end(): void {
    if (this.passing) {
      this.outlet.endPieces();
      this.finish(this.estimate());
    } else this.endHeld();
  }

  private endHeld(): void {
    const [first] = this.chunks;
    const body = first && this.chunks.length === 1 ? first : Buffer.concat(this.chunks);
    const usage = this.readUsage(body);
    if (usage) {
      this.outlet.send(body, usage);
      this.finish(usage);
    } else this.broken('provider_answer_malformed');
  }

  broken(code: UsageErrorCode): void {
    this.release();
    const outcome = code === 'client_closed' ? 'cancelled' : 'error';
    if (this.passing) this.outlet.breakOff();
    const failure = this.passing ? undefined : failureWithoutAnswer(code);
    this.control.finish({ outcome, code, ...this.estimate(), failure });
  }

  private finish(usage: Usage): void {
    this.release();
    this.control.finish({ outcome: 'success', code: null, ...usage, failure: undefined });
  }

  private hold(bytes: number): boolean {
    try {
      this.held.add(bytes);
      return true;
    } catch {
      return false;
    }
  }

  private startPassing(chunk: Buffer): void {
    this.passing = true;
    this.outlet.startPieces();
    const before = this.chunks;
    this.chunks = [];
    for (const piece of before) this.outlet.write(piece, this.resume);
    this.release();
    this.pass(chunk);
  }

  private pass(chunk: Buffer): void {
    if (!this.outlet.write(chunk, this.resume)) this.control.pause();
  }

  private release(): void {
    this.chunks = [];
    this.held.release();
  }

  /** Undefined when the body is not a JSON object. Only an answer without figures is parsed to find that out. */
  private readUsage(body: Buffer): Usage | undefined {
    if (!isWrappedInBraces(body)) return undefined;
    const tokens = readOpenAiUsage(scanUsage(body));
    if (tokens) return { tokens, quality: 'exact' };
    return readJsonRecord(body) ? this.estimate() : undefined;
  }

  private estimate(): Usage {
    return {
      tokens: estimateTokens(this.inputBytes, estimateBytes(this.bytes)),
      quality: 'estimated',
    };
  }
}

function isWrappedInBraces(body: Buffer): boolean {
  let start = 0;
  let end = body.length - 1;
  while (start < end && (body[start] ?? 0) <= SPACE) start++;
  while (end > start && (body[end] ?? 0) <= SPACE) end--;
  return end > start && body[start] === OPEN_BRACE && body[end] === CLOSE_BRACE;
}
