import type { UsageErrorCode } from '@bonito/protocol';
import { type AttemptFailure, failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import type { AnswerReader, ExchangeControl, JudgeAnswer } from './answer-reader.ts';
import type { AnswerHead } from './upstream-exchange.ts';

/** An error's body beyond this is cut off: nobody reads it, and it must not fill the memory. */
const LONGEST_ERROR_BYTES = 256 * 1024;

/** Keeps an answer with an error status, so that the client can see the provider's own words if it comes to that. */
export class ErrorReader implements AnswerReader {
  private readonly head: AnswerHead;
  private readonly control: ExchangeControl;
  private readonly judge: JudgeAnswer;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(head: AnswerHead, control: ExchangeControl, judge: JudgeAnswer) {
    this.head = head;
    this.control = control;
    this.judge = judge;
  }

  data(chunk: Buffer): void {
    this.chunks.push(chunk.subarray(0, LONGEST_ERROR_BYTES - this.bytes));
    this.bytes += chunk.length;
    if (this.bytes >= LONGEST_ERROR_BYTES) this.end();
  }

  end(): void {
    const body = Buffer.concat(this.chunks);
    this.finish(this.judge.failureOf({ ...this.head, body }));
  }

  /** The status is known even if the body is not: the failure is what it says, without words of its own. */
  broken(code: UsageErrorCode): void {
    const { status, headers } = this.head;
    if (code === 'client_closed' || code === 'gateway_stopping') this.finish(failureWithoutAnswer(code));
    else
      this.finish({
        ...this.judge.failureOf({ status, headers, body: Buffer.alloc(0) }),
        answer: undefined,
        error: undefined,
      });
  }

  private finish(failure: AttemptFailure): void {
    const outcome = failure.code === 'client_closed' ? 'cancelled' : 'error';
    this.control.finish({ outcome, code: failure.code, tokens: {}, quality: 'exact', failure });
  }
}
