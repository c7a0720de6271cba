import type { UsageErrorCode } from '@bonito/protocol';
import { estimateTokens } from '../metering/estimate-tokens.ts';
import { StreamMeter } from '../metering/stream-meter.ts';
import type { OpenAttempt } from '../ports.ts';
import { callOptions } from '../providers/openai-compatible/call-options.ts';
import { failureWithoutAnswer } from '../reliability/attempt-failure.ts';
import type { AttemptLimits } from '../reliability/attempt-timer.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import type { AnswerReader, AttemptEnd } from './answer-reader.ts';
import type { Call } from './call.ts';
import { ErrorReader } from './error-reader.ts';
import { recordAttempt } from './record-attempt.ts';
import type { Cancellable, EndReason, RequestContext } from './request-context.ts';
import { StreamOutlet, WholeOutlet } from './respond.ts';
import { StreamReader } from './stream-reader.ts';
import { upstreamBody } from './upstream-body.ts';
import { type AnswerHead, type ExchangeOwner, UpstreamExchange } from './upstream-exchange.ts';
import { WholeReader } from './whole-reader.ts';

/** One try at one target: what is sent, who reads the answer, and how its end is entered. */
export class Attempt implements Cancellable, ExchangeOwner {
  private readonly call: Call;
  private readonly target: CompiledTarget;
  private readonly credential: string;
  private readonly body: Buffer;
  /** The gateway asks for the usage chunk, since the client did not. */
  private readonly asksUsage: boolean;
  private readonly exchange: UpstreamExchange;
  private readonly startedAt: number;

  constructor(call: Call, target: CompiledTarget, credential: string) {
    const { context, parsed } = call;
    const { clock, breaker } = context.services;
    this.call = call;
    this.target = target;
    this.credential = credential;
    this.asksUsage = parsed.stream && !parsed.wantsUsage && target.provider.config.stream_options !== false;
    this.body = upstreamBody(parsed, target.deployment.upstream_model, this.asksUsage);
    this.startedAt = clock.monotonic();
    breaker.attempting(target.deployment.id, this.startedAt);
    this.exchange = new UpstreamExchange(clock, limitsOf(context, target), this);
  }

  /** Notes the attempt, then makes it. */
  send(): void {
    const { context, parsed } = this.call;
    context.services.usage.open(openAttempt(context, this.target, parsed.stream), () => this.dispatch());
  }

  cancel(reason: EndReason): void {
    this.exchange.cancel(reason);
  }

  readerOf(head: AnswerHead): AnswerReader {
    const { call, target, exchange } = this;
    const { context } = call;
    const { settings, budget, clock } = context.services;
    if (head.status >= 300) return new ErrorReader(head, exchange, clock.now());
    if (isEventStream(head)) {
      const outlet = new StreamOutlet(context, target, head, call.keepAlive);
      const meter = new StreamMeter(this.body.length, this.asksUsage);
      const limits = { eventBytes: settings.eventLimitBytes, now: clock.now() };
      return new StreamReader(head, exchange, outlet, meter, limits);
    }
    const limits = { bufferBytes: settings.answerBufferBytes, budget };
    return new WholeReader(exchange, new WholeOutlet(context, target, head), this.body.length, limits);
  }

  endWithoutHead(code: UsageErrorCode): AttemptEnd {
    return {
      outcome: code === 'client_closed' ? 'cancelled' : 'error',
      code,
      tokens: estimateTokens(this.body.length, 0),
      quality: 'estimated',
      failure: failureWithoutAnswer(code),
    };
  }

  ended(end: AttemptEnd): void {
    const { call, target } = this;
    recordAttempt(call.context, target, this.exchange.status, end, this.startedAt);
    call.attemptEnded(target, end.failure);
  }

  private dispatch(): void {
    const { call, target, exchange, body, credential } = this;
    if (exchange.isOver) return;
    const { services, surface } = call.context;
    const { upstreamPath } = surface;
    const input = { upstreamPath, clientHeaders: call.clientHeaders, body, credential };
    try {
      services.connections.dispatcher(target.provider).dispatch(callOptions(target, input), exchange);
    } catch {
      exchange.refuse();
    }
  }
}

function openAttempt(context: RequestContext, target: CompiledTarget, stream: boolean): OpenAttempt {
  const { principal, model, requested, snapshot } = context;
  return {
    requestId: context.requestId,
    arrivedAt: context.arrivedAt,
    keyId: principal?.keyId ?? null,
    teamId: principal?.teamId ?? null,
    routeId: model?.kind === 'route' ? model.id : null,
    requestedId: requested?.id ?? null,
    providerId: target.provider.config.id,
    deploymentId: target.deployment.id,
    priceRevision: target.deployment.price.revision,
    surface: context.surface.name,
    stream,
    epoch: snapshot.version.epoch,
    revision: snapshot.version.revision,
  };
}

function limitsOf(context: RequestContext, target: CompiledTarget): AttemptLimits {
  const { settings } = context.services;
  const own = target.provider.config.time_limits;
  return {
    firstByteMs: own?.first_byte_ms ?? settings.firstByteMs,
    idleMs: own?.idle_ms ?? settings.idleMs,
    totalMs: own?.total_ms ?? settings.totalMs,
  };
}

function isEventStream(head: AnswerHead): boolean {
  const type = head.headers['content-type'];
  return typeof type === 'string' && type.toLowerCase().startsWith('text/event-stream');
}
