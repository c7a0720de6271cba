import type { UsageErrorCode } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import { codeOfConnectionError, failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import type {
  AttemptLimits,
  AttemptTimer,
  AttemptTimers,
  ExceededLimit,
  TimedAttempt,
} from '../reliability/attempt-timer.ts';
import type { AnswerReader, AttemptEnd, ExchangeControl } from './answer-reader.ts';
import type { EndReason } from './request-context.ts';

/** The head of a provider's answer. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Whose exchange it is. */
export interface ExchangeOwner {
  /** Picks the reader once the head is there. */
  readerOf(head: AnswerHead): AnswerReader;
  /** How an attempt ends that was sent and cancelled, or ran out of time, before its head came. */
  endWithoutHead(code: UsageErrorCode): AttemptEnd;
  /** Called exactly once. */
  ended(end: AttemptEnd): void;
}

/** How long an answer that is complete may keep its connection busy before that is closed. */
const DRAIN_MS = 2_000;

const NOTHING_USED = { tokens: {}, quality: 'exact' } as const;

/**
 * One call to a provider, as undici's handler: it watches the time limits, feeds the reader, and sees to it that the
 * attempt ends exactly once, however many things go wrong at the same time.
 */
export class UpstreamExchange implements Dispatcher.DispatchHandler, ExchangeControl, TimedAttempt {
  /** The head's status; null as long as none came. */
  status: number | null = null;
  private readonly owner: ExchangeOwner;
  private readonly timer: AttemptTimer;
  private controller: Dispatcher.DispatchController | undefined;
  private reader: AnswerReader | undefined;
  private ended = false;
  private complete = false;
  private drainTimer: NodeJS.Timeout | undefined;

  /** @param startedAt the time now, monotonic milliseconds */
  constructor(timers: AttemptTimers, limits: AttemptLimits, startedAt: number, owner: ExchangeOwner) {
    this.owner = owner;
    this.timer = timers.watch(limits, startedAt, this);
  }

  get isOver(): boolean {
    return this.ended;
  }

  /** The client went away, or the gateway stops. */
  cancel(reason: EndReason): void {
    this.broken(reason);
  }

  /** The call could not even be handed over. */
  refuse(): void {
    this.finishUnanswered('gateway_error');
  }

  finish(end: AttemptEnd, drain = false): void {
    if (this.ended) return;
    this.ended = true;
    this.timer.stop();
    if (!this.complete) {
      if (drain) this.drainTimer = setTimeout(() => this.abort(), DRAIN_MS);
      else this.abort();
    }
    this.owner.ended(end);
  }

  pause(): void {
    this.timer.paused();
    this.controller?.pause();
  }

  resume(): void {
    if (this.ended) return;
    this.timer.received();
    this.controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.ended) this.abort();
    else this.timer.sent();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: AnswerHead['headers'],
  ): void {
    // 1xx answers come before the real one (RFC 9110 §15.2).
    if (this.ended || status < 200) return;
    this.timer.received();
    this.status = status;
    this.reader = this.owner.readerOf({ status, headers });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.ended) return;
    this.timer.received();
    this.reader?.data(chunk);
  }

  onResponseEnd(): void {
    this.complete = true;
    if (this.drainTimer) clearTimeout(this.drainTimer);
    if (!this.ended) this.reader?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.complete = true;
    if (this.drainTimer) clearTimeout(this.drainTimer);
    if (this.ended) return;
    const code = codeOfConnectionError(error, this.reader !== undefined);
    if (this.reader) this.reader.broken(code);
    else this.finishUnanswered(code);
  }

  exceeded(limit: ExceededLimit): void {
    this.broken(limit);
  }

  private broken(code: UsageErrorCode): void {
    if (this.ended) return;
    if (this.reader) this.reader.broken(code);
    else if (this.controller) this.finish(this.owner.endWithoutHead(code));
    else this.finishUnanswered(code);
  }

  /** Nothing was sent, or the connection broke before a head came: no one can say what the provider did. */
  private finishUnanswered(code: UsageErrorCode): void {
    const failure = failureWithoutAnswer(code);
    const outcome = code === 'client_closed' ? 'cancelled' : 'error';
    if (!this.controller) this.finish({ outcome, code, ...NOTHING_USED, failure });
    else this.finish({ outcome, code, tokens: {}, quality: 'unknown', failure });
  }

  private abort(): void {
    const controller = this.controller;
    if (controller && !controller.aborted) controller.abort(new Error('the gateway has ended this attempt'));
  }
}
