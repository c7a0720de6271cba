import type { UsageErrorCode } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../errors/gateway-error.ts';
import { requestHeaders, traceHeaders } from '../headers/request-headers.ts';
import { estimateTokens } from '../metering/estimate-tokens.ts';
import { readJsonRecord } from '../metering/read-json-record.ts';
import type { Credential, PassDialect } from '../providers/provider-kind.ts';
import {
  type AttemptFailure,
  failureOfAnswer,
  failureWithoutAnswer,
  type ProviderAnswer,
} from '../reliability/attempt-failure.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import type { AnswerReader, AttemptEnd } from './answer-reader.ts';
import { type AnsweredAttempt, type AttemptOutputs, chooseReader } from './choose-reader.ts';
import { errorStatus } from './error-status.ts';
import type { KeepAlive } from './keep-alive.ts';
import { limitsOf, openAttempt } from './open-attempt.ts';
import { type PreparedCall, prepareCall } from './prepare-call.ts';
import { recordAttempt } from './record-attempt.ts';
import type { Cancellable, EndReason, ParsedRequest, RequestContext } from './request-context.ts';
import { type AnswerHead, type ExchangeOwner, UpstreamExchange } from './upstream-exchange.ts';
import type { Way } from './way.ts';

/** Whose attempt it is. */
export interface AttemptOwner {
  readonly context: RequestContext;
  readonly parsed: ParsedRequest;
  readonly keepAlive: KeepAlive | undefined;
  /** The attempt is over; without a failure the client has its answer. */
  attemptEnded(target: CompiledTarget, failure: AttemptFailure | undefined): void;
}

const BAD_GATEWAY = 502;

/** One try at one target: what is sent, who reads the answer, and how its end is entered. */
export class Attempt implements AnsweredAttempt, Cancellable, ExchangeOwner {
  readonly call: AttemptOwner;
  readonly outputs: AttemptOutputs | undefined;
  readonly target: CompiledTarget;
  readonly way: Way;
  readonly prepared: PreparedCall;
  readonly exchange: UpstreamExchange;
  private readonly credential: Credential;
  private readonly startedAt: number;

  /** @throws GatewayError when the request cannot be written for the target */
  constructor(
    call: AttemptOwner,
    target: CompiledTarget,
    way: Way,
    credential: Credential,
    outputs?: AttemptOutputs,
  ) {
    const { context, parsed } = call;
    const { clock, breaker, timers } = context.services;
    this.call = call;
    this.outputs = outputs;
    this.target = target;
    this.way = way;
    this.credential = credential;
    this.prepared = prepareCall(context, parsed, target, way);
    if (context.model?.strict) refuseDropped(this.prepared.dropped, target);
    this.startedAt = clock.monotonic();
    breaker.attempting(target.deployment.id, this.startedAt);
    this.exchange = new UpstreamExchange(timers, limitsOf(context, target), this.startedAt, this);
  }

  /** Notes the attempt, then makes it. */
  send(): void {
    const { context, parsed } = this.call;
    context.services.usage.open(openAttempt(context, this.target, parsed.stream), () => this.dispatch());
  }

  cancel(reason: EndReason): void {
    this.exchange.cancel(reason);
  }

  /** Of the request, as far as its size says anything about tokens. */
  get inputBytes(): number {
    return this.way.type === 'pass' && this.way.dialect.media?.request ? 0 : this.prepared.body.length;
  }

  failureOf(answer: ProviderAnswer): AttemptFailure {
    const { way, call } = this;
    const native = way.type === 'pass' && !isForeign(way.dialect.foreignErrors, answer);
    const { clock } = call.context.services;
    return failureOfAnswer(answer, way.dialect.readError(answer), native, clock.now());
  }

  failureInside(answer: Omit<ProviderAnswer, 'status'>): AttemptFailure {
    const { surface, requestId } = this.call.context;
    const named = errorStatus(readJsonRecord(answer.body)?.error);
    const error = this.way.dialect.readError({ ...answer, status: BAD_GATEWAY });
    const status = named ?? surface.errors.provider(error, BAD_GATEWAY, requestId).status;
    return this.failureOf({ ...answer, status });
  }

  readerOf(head: AnswerHead): AnswerReader {
    return chooseReader(this, head);
  }

  endWithoutHead(code: UsageErrorCode): AttemptEnd {
    return {
      outcome: code === 'client_closed' ? 'cancelled' : 'error',
      code,
      tokens: estimateTokens(this.inputBytes, 0),
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
    if (this.exchange.isOver) return;
    const { target, call } = this;
    try {
      call.context.services.connections.dispatcher(target.provider).dispatch(this.options(), this.exchange);
    } catch {
      this.exchange.refuse();
    }
  }

  /** No `accept-encoding`: answers are read. Time limits are the gateway's own, so undici's are off. */
  private options(): Dispatcher.DispatchOptions {
    const { call, target, way, prepared, credential } = this;
    const { origin, basePath } = target.provider;
    const { rawHeaders } = call.context.incoming;
    const headers = way.type === 'pass' ? requestHeaders(rawHeaders) : traceHeaders(rawHeaders);
    headers.push(...prepared.headers);
    if (!prepared.headers.includes('content-type')) headers.push('content-type', 'application/json');
    const path = basePath + prepared.path;
    const unsigned = { method: 'POST', origin, path, headers, body: prepared.body };
    headers.push(...way.kind.authorize(unsigned, credential, target, call.context.services.clock.now()));
    return { origin, path, method: 'POST', headers, body: prepared.body, headersTimeout: 0, bodyTimeout: 0 };
  }
}

function isForeign(foreign: PassDialect['foreignErrors'], answer: ProviderAnswer): boolean {
  return typeof foreign === 'function' ? foreign(answer) : foreign === true;
}

/** @throws GatewayError on a strict route, when there is anything that the target cannot take */
function refuseDropped(dropped: readonly string[], target: CompiledTarget): void {
  const [first] = dropped;
  if (first === undefined) return;
  const detail = `Provider "${target.provider.config.name}" cannot take: ${dropped.slice(0, 20).join(', ')}.`;
  throw new GatewayError('unsupported_field', { param: first, detail });
}
