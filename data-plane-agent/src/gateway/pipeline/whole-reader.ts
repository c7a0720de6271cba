import type { TokenCounts, UsageErrorCode } from '@bonito/protocol';
import type { ByteBudget } from '../body/byte-budget.ts';
import { HeldBytes } from '../body/held-bytes.ts';
import { estimateBytes, estimateTokens } from '../metering/estimate-tokens.ts';
import { MalformedAnswerError } from '../providers/malformed-answer-error.ts';
import { type AttemptFailure, failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import type { AnswerReader, ExchangeControl } from './answer-reader.ts';

/** What was used, and how well that is known. */
export interface Usage {
  tokens: TokenCounts;
  quality: 'exact' | 'estimated';
}

/** Where an answer in one piece goes. */
export interface WholeSink {
  /** The complete answer: the commit point. */
  send(answer: WholeAnswer, usage: Usage): void;
  /** The head of an answer that is too large to be held: the commit point. */
  startPieces(): void;
  write(bytes: Buffer, resume: () => void): boolean;
  endPieces(): void;
  /** The promised bytes will not all come. */
  breakOff(): void;
}

/** A complete answer as the client gets it. */
export interface WholeAnswer {
  readonly body: Buffer;
  /** The provider's own figures, where it gave some. */
  readonly tokens: TokenCounts | undefined;
  /** Paths of what could not be said in the client's wire. */
  readonly dropped: readonly string[];
  /** It is no answer, for all its form: what was used for it counts. */
  readonly failure?: AttemptFailure | undefined;
}

/** What is done with the bytes of an answer. */
export interface WholeAnswerParts {
  readonly control: ExchangeControl;
  readonly outlet: WholeSink;
  /** Reads, and where the client speaks another wire rewrites, a complete answer; undefined for what is none. */
  readonly read: (body: Buffer) => WholeAnswer | undefined;
  /** What an answer means that is an error, whatever its status says. */
  readonly failureIn: (body: Buffer) => AttemptFailure | undefined;
  /** Whether one that is too large to be held may go on unread. */
  readonly mayPass: boolean;
  /** Of the request, for estimates. */
  readonly inputBytes: number;
  /** The answer's size says nothing about tokens. */
  readonly isMedia?: boolean | undefined;
}

/**
 * Holds an answer until it is complete, so that one that breaks off is never seen and its usage is known before the head
 * leaves. What does not fit is passed on piece by piece where that is possible, and its usage estimated.
 */
export class WholeReader implements AnswerReader {
  private readonly parts: WholeAnswerParts;
  private readonly control: ExchangeControl;
  private readonly outlet: WholeSink;
  private readonly held: HeldBytes;
  private readonly resume = () => this.control.resume();
  private chunks: Buffer[] = [];
  private bytes = 0;
  private passing = false;

  constructor(parts: WholeAnswerParts, limits: { bufferBytes: number; budget: ByteBudget }) {
    this.parts = parts;
    this.control = parts.control;
    this.outlet = parts.outlet;
    this.held = new HeldBytes(limits.budget, limits.bufferBytes);
  }

  data(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.passing) this.pass(chunk);
    else if (this.hold(chunk.length)) this.chunks.push(chunk);
    else if (this.parts.mayPass) this.startPassing(chunk);
    else this.broken('provider_answer_malformed');
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
    const answer = this.read(body);
    // One with figures is no error; the others are looked into.
    const failure = answer?.failure ?? (answer?.tokens ? undefined : this.parts.failureIn(body));
    if (failure) return this.fail(failure, answer?.tokens);
    if (!answer) return this.broken('provider_answer_malformed');
    const usage: Usage = answer.tokens ? { tokens: answer.tokens, quality: 'exact' } : this.estimate();
    this.outlet.send(answer, usage);
    this.finish(usage);
  }

  private read(body: Buffer): WholeAnswer | undefined {
    try {
      return this.parts.read(body);
    } catch (error) {
      if (error instanceof MalformedAnswerError) return undefined;
      throw error;
    }
  }

  broken(code: UsageErrorCode): void {
    this.release();
    const outcome = code === 'client_closed' ? 'cancelled' : 'error';
    if (this.passing) this.outlet.breakOff();
    const failure = this.passing ? undefined : failureWithoutAnswer(code);
    this.control.finish({ outcome, code, ...this.estimate(), failure });
  }

  private fail(failure: AttemptFailure, tokens: TokenCounts = {}): void {
    this.release();
    this.control.finish({ outcome: 'error', code: failure.code, tokens, quality: 'exact', failure });
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

  private estimate(): Usage {
    const { inputBytes, isMedia } = this.parts;
    return {
      tokens: estimateTokens(inputBytes, isMedia ? 0 : estimateBytes(this.bytes)),
      quality: 'estimated',
    };
  }
}
