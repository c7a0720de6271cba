import { GatewayError } from '../errors/gateway-error.ts';
import type { Credential } from '../providers/provider-kind.ts';
import {
  type AttemptFailure,
  CREDENTIAL_MISSING,
  failureOfRefusal,
  failureWithoutAnswer,
  withoutSecrets,
} from '../reliability/attempt-failure.ts';
import { retryDelay } from '../reliability/retry-delay.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { gatewayHeaders } from './answer-headers.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import { ChoiceFanOut } from './choice-fan-out.ts';
import { fetchRequestMedia, namesMediaUrls } from './fetch-request-media.ts';
import { KeepAlive } from './keep-alive.ts';
import { chatOf } from './prepare-call.ts';
import type { Cancellable, EndReason, ParsedRequest, RequestContext } from './request-context.ts';
import { respondWithFailure } from './respond.ts';
import { secretsOf } from './secrets-of.ts';
import { type TranslateWay, type Way, wayTo } from './way.ts';

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
export class Call implements Cancellable, AttemptOwner {
  readonly context: RequestContext;
  readonly parsed: ParsedRequest;
  readonly keepAlive: KeepAlive | undefined;
  private readonly resolve: () => void;
  private readonly reject: (error: unknown) => void;
  /** Which target is being tried, and how often it was. */
  private index = 0;
  private tries = 0;
  private credential: Credential = NO_CREDENTIAL;
  /** What the request waits for was given up. */
  private over = false;
  private timer: NodeJS.Timeout | undefined;
  /** Why the last target failed that could take the request. */
  private failure: AttemptFailure | undefined;

  constructor(
    context: RequestContext,
    parsed: ParsedRequest,
    resolve: () => void,
    reject: (error: unknown) => void,
  ) {
    this.context = context;
    this.parsed = parsed;
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
      if (failure) this.decide(target, withoutSecrets(failure, secretsOf(this.credential)));
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
    const way = wayTo(target, context.surface);
    if (!way) return this.nextTarget(failureOfRefusal(new GatewayError('surface_unsupported')));
    const credential = context.services.credentials.read(target.provider.config);
    if (!(credential instanceof Promise)) return this.attemptWith(target, way, credential);
    context.waiting = this;
    credential.then(
      (fetched) => this.resume(() => this.attemptWith(target, way, fetched)),
      () => this.resume(() => this.nextTarget(CREDENTIAL_MISSING)),
    );
  }

  /** Goes on after a wait, unless the request was given up meanwhile. */
  private resume(goOn: () => void): void {
    if (this.over) return;
    try {
      this.context.waiting = undefined;
      goOn();
    } catch (error) {
      this.fail(error);
    }
  }

  private attemptWith(target: CompiledTarget, way: Way, credential: Credential | undefined): void {
    if (credential === undefined) return this.nextTarget(CREDENTIAL_MISSING);
    this.credential = credential;
    let attempt: Attempt | ChoiceFanOut;
    try {
      if (way.type === 'translate' && this.needsMedia(way)) return this.fetchMedia();
      const choices = way.type === 'translate' ? this.choicesToFanOut(way) : 1;
      attempt =
        way.type === 'translate' && choices > 1
          ? new ChoiceFanOut(this, target, way, credential, choices)
          : new Attempt(this, target, way, credential);
    } catch (error) {
      return this.refused(error);
    }
    this.tries++;
    this.context.waiting = attempt;
    attempt.send();
  }

  /** The next target may take the request. */
  private refused(error: unknown): void {
    if (error instanceof GatewayError) this.nextTarget(failureOfRefusal(error));
    else throw error;
  }

  /** How many calls the asked number of answers takes. */
  private choicesToFanOut(way: TranslateWay): number {
    if (way.dialect.takesChoices) return 1;
    const choices = chatOf(this.context, this.parsed, way).sampling.choices ?? 1;
    if (Number.isInteger(choices) && choices >= 1 && choices <= MOST_CHOICES) return choices;
    throw new GatewayError('invalid_type', {
      param: 'n',
      detail: `It has to be a whole number from 1 to ${MOST_CHOICES} at this provider.`,
    });
  }

  private needsMedia(way: TranslateWay): boolean {
    return !way.dialect.takesMediaUrls && namesMediaUrls(chatOf(this.context, this.parsed, way));
  }

  /** Puts bytes in place of addresses, then goes on where it stands. */
  private fetchMedia(): void {
    const { context } = this;
    const { chat, services } = context;
    if (!chat) throw new GatewayError('internal_error');
    const limits = { budget: services.budget, bytes: services.settings.bodyLimitBytes };
    context.waiting = this;
    fetchRequestMedia(chat, services.media, limits).then(
      ({ request, held }) => {
        if (this.over) return held.release();
        context.chat = request;
        context.media = held;
        this.resume(() => this.attempt());
      },
      (error: unknown) => this.resume(() => this.refused(error)),
    );
  }

  private decide(target: CompiledTarget, failure: AttemptFailure): void {
    const { context } = this;
    const { credentials, settings, random } = context.services;
    if (context.ended) return this.giveUp(failure);
    const { config } = target.provider;
    if (failure.credentialRefused)
      credentials.refused(config, failure.answer?.status, failure.answer?.headers);
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
    if (!failure.refusal) this.failure = failure;
    this.index++;
    this.tries = 0;
    if (!failure.failover || this.index >= this.context.targets.length) return this.giveUp(failure);
    this.attempt();
  }

  /** Where a target could have taken the request, that one says why it did not, and not one that could not. */
  private giveUp(failure: AttemptFailure): void {
    respondWithFailure(this.context, failure.refusal && this.failure ? this.failure : failure);
    this.done();
  }

  private done(): void {
    this.over = true;
    this.keepAlive?.stop();
    this.resolve();
  }

  private fail(error: unknown): void {
    this.over = true;
    this.keepAlive?.stop();
    this.reject(error);
  }
}

function tryAgain(call: Call): void {
  call.tryAgain();
}

function keepAliveOf(context: RequestContext): KeepAlive | undefined {
  const { answer, services, surface } = context;
  const { ping } = surface.errors;
  // A comment has no place in a JSON array.
  if (!ping || context.answersArray) return undefined;
  return new KeepAlive(services.clock, services.settings.keepAliveCommentMs, () => {
    if (answer.isOver) return;
    answer.startStream(gatewayHeaders(context, undefined));
    answer.write(ping);
  });
}

/** Each is a call of its own. */
const MOST_CHOICES = 16;

const NO_CREDENTIAL: Credential = { type: 'none' };
