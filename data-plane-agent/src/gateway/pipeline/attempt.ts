import type { UsageErrorCode } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import type { ChatAnswer } from '../chat/chat-answer.ts';
import type { ProviderError } from '../chat/provider-error.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { createSplitter } from '../framing/create-splitter.ts';
import type { Framing } from '../framing/stream-frame.ts';
import { requestHeaders, traceHeaders } from '../headers/request-headers.ts';
import { estimateTokens } from '../metering/estimate-tokens.ts';
import type { OpenAttempt } from '../ports.ts';
import type { Credential } from '../providers/provider-kind.ts';
import {
  type AttemptFailure,
  failureOfAnswer,
  failureWithoutAnswer,
  type ProviderAnswer,
} from '../reliability/attempt-failure.ts';
import type { AttemptLimits } from '../reliability/attempt-timer.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { sealResponseIds } from '../state/response-ids.ts';
import { stateOwner } from '../state/state-owner.ts';
import type { ChatEventWriter } from '../surfaces/chat-surface.ts';
import { identityOf } from './answer-identity.ts';
import type { AnswerReader, AttemptEnd, JudgeAnswer } from './answer-reader.ts';
import { ErrorReader } from './error-reader.ts';
import { JsonArrayOutlet } from './json-array-outlet.ts';
import type { KeepAlive } from './keep-alive.ts';
import { type PreparedCall, prepareCall } from './prepare-call.ts';
import {
  readOperationAnswer,
  readPassedAnswer,
  readTranslatedAnswer,
  writeTranslatedAnswer,
} from './read-whole-answer.ts';
import { recordAttempt } from './record-attempt.ts';
import type { Cancellable, EndReason, ParsedRequest, RequestContext } from './request-context.ts';
import { StreamOutlet, WholeOutlet } from './respond.ts';
import { StreamReader } from './stream-reader.ts';
import type { StreamSink } from './stream-sink.ts';
import { TranslatedStreamReader } from './translated-stream-reader.ts';
import { type AnswerHead, type ExchangeOwner, UpstreamExchange } from './upstream-exchange.ts';
import type { PassWay, TranslateWay, Way } from './way.ts';
import { type WholeAnswer, WholeReader, type WholeSink } from './whole-reader.ts';

/** Whose attempt it is. */
export interface AttemptOwner {
  readonly context: RequestContext;
  readonly parsed: ParsedRequest;
  readonly keepAlive: KeepAlive | undefined;
  /** The attempt is over; without a failure the client has its answer. */
  attemptEnded(target: CompiledTarget, failure: AttemptFailure | undefined): void;
}

/** Where an attempt's answer goes instead of straight to the client: it is one of several. */
export interface AttemptOutputs {
  stream(make: () => StreamSink): StreamSink;
  writer(make: () => ChatEventWriter): ChatEventWriter;
  whole(make: () => WholeSink): WholeSink;
  readAnswer(answer: ChatAnswer): WholeAnswer;
}

/** One try at one target: what is sent, who reads the answer, and how its end is entered. */
export class Attempt implements Cancellable, ExchangeOwner, JudgeAnswer {
  private readonly call: AttemptOwner;
  private readonly outputs: AttemptOutputs | undefined;
  private readonly target: CompiledTarget;
  private readonly way: Way;
  private readonly credential: Credential;
  private readonly prepared: PreparedCall;
  private readonly exchange: UpstreamExchange;
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
    const { clock, breaker } = context.services;
    this.call = call;
    this.outputs = outputs;
    this.target = target;
    this.way = way;
    this.credential = credential;
    this.prepared = prepareCall(context, parsed, target, way);
    if (context.model?.strict) refuseDropped(this.prepared.dropped, target);
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

  private get media() {
    return this.way.type === 'pass' ? this.way.dialect.media : undefined;
  }

  /** Of the request, as far as its size says anything about tokens. */
  private get inputBytes(): number {
    return this.media?.request ? 0 : this.prepared.body.length;
  }

  failureOf(answer: ProviderAnswer): AttemptFailure {
    const { way, call } = this;
    const native = way.type === 'pass' && way.dialect.foreignErrors !== true;
    const { clock } = call.context.services;
    return failureOfAnswer(answer, way.dialect.readError(answer), native, clock.now());
  }

  readerOf(head: AnswerHead): AnswerReader {
    const { way, exchange } = this;
    if (head.status >= 300) return new ErrorReader(head, exchange, this);
    if (way.type === 'translate') return this.readTranslated(head, way);
    if (way.type === 'pass' && isFramed(head, way.dialect.framing)) return this.readStream(head, way);
    return this.readWhole(head, true, (body) =>
      way.type === 'pass'
        ? this.readPassed(body, head, way)
        : readOperationAnswer(body, head.headers, this.call.parsed, way),
    );
  }

  private readStream(head: AnswerHead, way: PassWay): AnswerReader {
    const { parsed, context } = this.call;
    return new StreamReader({
      head,
      control: this.exchange,
      outlet: this.streamOutlet(head),
      judge: this,
      dialect: way.dialect,
      meter: way.dialect.passMeter(parsed.stream && !parsed.wantsUsage),
      splitter: createSplitter(way.dialect.framing, context.services.settings.eventLimitBytes),
      inputBytes: this.inputBytes,
      rewrite: way.dialect.wire === 'openai-responses' ? (bytes) => this.sealIds(bytes) : undefined,
    });
  }

  private readPassed(body: Buffer, head: AnswerHead, way: PassWay): WholeAnswer | undefined {
    const answer = readPassedAnswer(body, head.headers, way.dialect);
    if (!answer || way.dialect.wire !== 'openai-responses') return answer;
    return { ...answer, body: this.sealIds(answer.body) };
  }

  /** Ids of stored responses belong to who got them. */
  private sealIds(bytes: Buffer): Buffer {
    const { context } = this.call;
    return sealResponseIds(bytes, context.services.seal, stateOwner(context, this.target));
  }

  private readTranslated(head: AnswerHead, way: TranslateWay): AnswerReader {
    const { call, prepared, target } = this;
    const { context } = call;
    const { chat, services } = context;
    if (!chat || !isFramed(head, way.dialect.framing)) {
      return this.readWhole(head, false, (body) => {
        const answer = readTranslatedAnswer(body, context, target, way);
        if (!answer) return undefined;
        return this.outputs ? this.outputs.readAnswer(answer) : writeTranslatedAnswer(answer, context, way);
      });
    }
    const makeWriter = () => way.surface.eventWriter(chat);
    return new TranslatedStreamReader({
      control: this.exchange,
      outlet: this.streamOutlet(head),
      splitter: createSplitter(way.dialect.framing, services.settings.eventLimitBytes),
      reader: way.dialect.eventReader(chat),
      writer: this.outputs ? this.outputs.writer(makeWriter) : makeWriter(),
      seal: services.seal,
      owner: stateOwner(context, target),
      failureOf: (error) => this.failureInStream(head, error),
      inputBytes: prepared.body.length,
      missing: identityOf(context),
    });
  }

  private readWhole(
    head: AnswerHead,
    mayPass: boolean,
    read: (body: Buffer) => WholeAnswer | undefined,
  ): AnswerReader {
    const { context } = this.call;
    const { settings, budget } = context.services;
    const binary = this.way.type === 'pass' && this.way.dialect.binary === true;
    const makeOutlet = () => new WholeOutlet(context, this.target, head, this.prepared.dropped);
    return new WholeReader(
      {
        control: this.exchange,
        outlet: this.outputs ? this.outputs.whole(makeOutlet) : makeOutlet(),
        read,
        mayPass,
        inputBytes: this.inputBytes,
        isMedia: this.media?.answer,
      },
      // What is not read need not be held.
      { bufferBytes: binary ? 0 : settings.answerBufferBytes, budget },
    );
  }

  private streamOutlet(head: AnswerHead): StreamSink {
    const { call, target, prepared } = this;
    const make = () => {
      const { context } = call;
      const outlet = new StreamOutlet(context, target, head, call.keepAlive, prepared.dropped);
      if (!context.answersArray) return outlet;
      return new JsonArrayOutlet(outlet, context.services.settings.eventLimitBytes);
    };
    return this.outputs ? this.outputs.stream(make) : make();
  }

  /** An error that came after a 200: it has no status of its own. */
  private failureInStream(head: AnswerHead, error: ProviderError): AttemptFailure {
    const answer = { status: 502, headers: head.headers, body: Buffer.alloc(0) };
    return failureOfAnswer(answer, error, false, this.call.context.services.clock.now());
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

/** @throws GatewayError on a strict route, when there is anything that the target cannot take */
function refuseDropped(dropped: readonly string[], target: CompiledTarget): void {
  const [first] = dropped;
  if (first === undefined) return;
  const detail = `Provider "${target.provider.config.name}" cannot take: ${dropped.slice(0, 20).join(', ')}.`;
  throw new GatewayError('unsupported_field', { param: first, detail });
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

const MEDIA_TYPES: Readonly<Record<Framing, string>> = {
  sse: 'text/event-stream',
  aws: 'application/vnd.amazon.eventstream',
};

function isFramed(head: AnswerHead, framing: Framing): boolean {
  const type = head.headers['content-type'];
  return typeof type === 'string' && type.toLowerCase().startsWith(MEDIA_TYPES[framing]);
}
