import { GatewayError } from '../errors/gateway-error.ts';
import { requestHeaders } from '../headers/request-headers.ts';
import {
  type AttemptFailure,
  CREDENTIAL_MISSING,
  failureWithoutAnswer,
  withoutCredential,
} from '../reliability/attempt-failure.ts';
import { retryDelay } from '../reliability/retry-delay.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { gatewayHeaders } from './answer-headers.ts';
import { Attempt } from './attempt.ts';
import { KeepAlive } from './keep-alive.ts';
import type { Cancellable, EndReason, ParsedRequest, RequestContext } from './request-context.ts';
import { respondWithFailure } from './respond.ts';

const PING = Buffer.from(': ping\n\n');

/** Tries the targets in their order until one answers, and lets the client see how it ends. */
export function call(context: RequestContext): Promise<void> {
  const { parsed } = context;
  if (!parsed) throw new GatewayError('internal_error');
  return new Promise((resolve, reject) => new Call(context, parsed, resolve, reject).begin());
}

/**
 * The tries of one request: at one target again where that may help, then at the next. It is a small machine of callbacks
 * and not a chain of awaits, because each await on this path costs every request.
 */
export class Call implements Cancellable {
  readonly context: RequestContext;
  readonly parsed: ParsedRequest;
  /** The client's headers that a provider may see: names and values by turns. */
  readonly clientHeaders: readonly string[];
  readonly keepAlive: KeepAlive | undefined;
  private readonly resolve: () => void;
  private readonly reject: (error: unknown) => void;
  /** Which target is being tried, and how often it was. */
  private index = 0;
  private tries = 0;
  private credential = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(
    context: RequestContext,
    parsed: ParsedRequest,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    this.context = context;
    this.parsed = parsed;
    this.clientHeaders = requestHeaders(context.incoming.rawHeaders);
    this.keepAlive = parsed.stream ? keepAliveOf(context) : undefined;
    this.resolve = resolve;
    this.reject = reject;
  }

  begin(): void {
    try {
      this.attempt();
    } catch (error) {
      this.fail(error);
    }
  }

  /** The attempt is over; without a failure the client has its answer. */
  attemptEnded(target: CompiledTarget, failure: AttemptFailure | undefined): void {
    try {
      this.context.waiting = undefined;
      if (failure) this.decide(target, withoutCredential(failure, this.credential));
      else this.done();
    } catch (error) {
      this.fail(error);
    }
  }

  /** While waiting before another try. */
  cancel(reason: EndReason): void {
    clearTimeout(this.timer);
    this.context.waiting = undefined;
    this.giveUp(failureWithoutAnswer(reason));
  }

  private attempt(): void {
    const { context } = this;
    const target = context.targets[this.index];
    if (context.ended) return this.giveUp(failureWithoutAnswer(context.ended));
    if (!target) return this.giveUp(CREDENTIAL_MISSING);
    const credential = context.services.secrets.read(target.provider.config.credential);
    if (credential === undefined) return this.nextTarget(CREDENTIAL_MISSING);
    this.credential = credential;
    this.tries++;
    const attempt = new Attempt(this, target, credential);
    context.waiting = attempt;
    attempt.send();
  }

  private decide(target: CompiledTarget, failure: AttemptFailure): void {
    const { context } = this;
    const { secrets, settings, random } = context.services;
    if (context.ended) return this.giveUp(failure);
    const { config } = target.provider;
    if (failure.credentialRefused) secrets.refused(config.credential);
    if (!failure.retry || this.tries > (config.retries ?? settings.retries)) return this.nextTarget(failure);
    const policy = { baseMs: settings.retryBaseMs, capMs: settings.retryCapMs };
    const delay = retryDelay(policy, this.tries, failure.retryAfterMs, random.fraction());
    if (delay === undefined) return this.nextTarget(failure);
    context.waiting = this;
    this.timer = setTimeout(tryAgain, delay, this);
  }

  /** For the timer alone. */
  tryAgain(): void {
    this.context.waiting = undefined;
    this.begin();
  }

  private nextTarget(failure: AttemptFailure): void {
    this.index++;
    this.tries = 0;
    if (!failure.failover || this.index >= this.context.targets.length) return this.giveUp(failure);
    this.attempt();
  }

  private giveUp(failure: AttemptFailure): void {
    respondWithFailure(this.context, failure);
    this.done();
  }

  private done(): void {
    this.keepAlive?.stop();
    this.resolve();
  }

  private fail(error: unknown): void {
    this.keepAlive?.stop();
    this.reject(error);
  }
}

function tryAgain(call: Call): void {
  call.tryAgain();
}

function keepAliveOf(context: RequestContext): KeepAlive {
  const { answer, services } = context;
  return new KeepAlive(services.clock, services.settings.keepAliveCommentMs, () => {
    if (answer.isOver) return;
    answer.startStream(gatewayHeaders(context, undefined));
    answer.write(PING);
  });
}
