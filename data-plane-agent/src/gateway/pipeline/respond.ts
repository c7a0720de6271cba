import { costOf, formatUsd, UNPRICED_REVISION, type UsageErrorCode } from '@bonito/protocol';
import type { ProviderError } from '../chat/provider-error.ts';
import type { JsonObject } from '../chat/wire.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { GATEWAY_ERRORS, type GatewayErrorCode } from '../errors/gateway-error-table.ts';
import { addResponseHeaders, responseHeaders } from '../headers/response-headers.ts';
import { priceListFor } from '../metering/bill-attempt.ts';
import { readJsonRecord } from '../metering/read-json-record.ts';
import type { AttemptFailure, ProviderAnswer } from '../reliability/attempt-failure.ts';
import { endBeforeBody } from '../server/end-before-body.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import type { ChatEventWriter } from '../surfaces/chat-surface.ts';
import { gatewayHeaders } from './answer-headers.ts';
import type { ClosingSink } from './json-array-outlet.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { RequestContext } from './request-context.ts';
import type { AnswerHead } from './upstream-exchange.ts';
import type { Usage, WholeAnswer, WholeSink } from './whole-reader.ts';

const JSON_TYPE = 'application/json';

/** Lets a stream's events out to the client. */
export class StreamOutlet implements ClosingSink {
  private readonly context: RequestContext;
  private readonly target: CompiledTarget;
  private readonly head: AnswerHead;
  private readonly keepAlive: KeepAlive | undefined;
  private readonly dropped: readonly string[];

  constructor(
    context: RequestContext,
    target: CompiledTarget,
    head: AnswerHead,
    keepAlive: KeepAlive | undefined,
    dropped: readonly string[],
  ) {
    this.context = context;
    this.target = target;
    this.head = head;
    this.keepAlive = keepAlive;
    this.dropped = dropped;
  }

  commit(more: readonly string[] = []): void {
    const { context, target, head } = this;
    context.answeredBy = target;
    context.firstTokenAt = context.services.clock.monotonic();
    const headers = gatewayHeaders(context, target);
    reportDropped(headers, context, target, more.length === 0 ? this.dropped : [...this.dropped, ...more]);
    addResponseHeaders(headers, head.headers);
    context.answer.startStream(headers, context.answersArray ? 'json' : context.surface.framing);
  }

  get open(): boolean {
    return this.context.answer.headSent;
  }

  write(bytes: Buffer, resume: () => void): boolean {
    this.keepAlive?.wrote();
    return this.context.answer.write(bytes, resume);
  }

  end(): void {
    this.context.answer.end();
  }

  endWith(bytes: Buffer): void {
    this.context.answer.end(bytes);
  }

  errorBody(error: UsageErrorCode | ProviderError): Buffer {
    const { surface, requestId } = this.context;
    const body =
      typeof error === 'string'
        ? surface.errors.gateway(errorOfCode(error), requestId)
        : surface.errors.provider(error, PROVIDER_FAILED, requestId).body;
    return Buffer.from(JSON.stringify(body));
  }

  endWithError(code: UsageErrorCode, writer?: ChatEventWriter): void {
    const { surface, requestId } = this.context;
    this.fail(surface.errors.gateway(errorOfCode(code), requestId), writer);
  }

  endWithProviderError(error: ProviderError, writer?: ChatEventWriter): void {
    const { surface, requestId } = this.context;
    this.fail(surface.errors.provider(error, PROVIDER_FAILED, requestId).body, writer);
  }

  private fail(body: JsonObject, writer: ChatEventWriter | undefined): void {
    const { answer, surface } = this.context;
    answer.end(writer?.fail?.(body) ?? surface.errors.event(body));
  }
}

/** Lets an answer in one piece out to the client, or one that was too large to be held. */
export class WholeOutlet implements WholeSink {
  private readonly context: RequestContext;
  private readonly target: CompiledTarget;
  private readonly head: AnswerHead;
  private readonly dropped: readonly string[];

  constructor(context: RequestContext, target: CompiledTarget, head: AnswerHead, dropped: readonly string[]) {
    this.context = context;
    this.target = target;
    this.head = head;
    this.dropped = dropped;
  }

  send({ body, dropped }: WholeAnswer, usage: Usage): void {
    const { context, target, head } = this;
    const { answer } = context;
    // A client that asked for a stream and has seen its head cannot be given a JSON document any more.
    if (answer.isStream)
      return answer.end(errorEvent(context, new GatewayError('provider_answer_malformed')));
    const headers = this.commit(dropped);
    if (usage.quality === 'exact') addCost(headers, context, target, usage);
    answer.sendWhole(head.status, headers, body);
  }

  startPieces(): void {
    const headers = this.commit();
    const length = this.head.headers['content-length'];
    if (typeof length === 'string') headers.push('content-length', length);
    this.context.answer.startPieces(this.head.status, headers);
  }

  write(bytes: Buffer, resume: () => void): boolean {
    return this.context.answer.write(bytes, resume);
  }

  endPieces(): void {
    this.context.answer.end();
  }

  breakOff(): void {
    this.context.answer.breakOff();
  }

  private commit(more: readonly string[] = []): string[] {
    const { context, target, head } = this;
    context.answeredBy = target;
    context.firstTokenAt = context.services.clock.monotonic();
    const type = head.headers['content-type'];
    const headers = gatewayHeaders(context, target);
    reportDropped(headers, context, target, more.length === 0 ? this.dropped : [...this.dropped, ...more]);
    headers.push('content-type', typeof type === 'string' ? type : JSON_TYPE);
    addResponseHeaders(headers, head.headers);
    return headers;
  }
}

/** Says what the request cost so far; nothing where a part of that is unknown. */
function addCost(headers: string[], context: RequestContext, target: CompiledTarget, usage: Usage): void {
  const list = priceListFor(context, usage, usage.tokens, target.deployment.price);
  if (list.revision === UNPRICED_REVISION) return;
  let nanos = costOf(usage.tokens, list);
  for (const attempt of context.attempts) {
    if (attempt.price_revision === UNPRICED_REVISION && Object.keys(attempt.tokens).length > 0) return;
    nanos += attempt.cost_nanos;
  }
  headers.push('x-bonito-cost', formatUsd(nanos));
}

/** Tells the client that the gateway does not serve the request. */
export function respondWithError(context: RequestContext, error: GatewayError): void {
  const { answer } = context;
  context.outcome = error.code === 'client_closed' ? 'cancelled' : 'error';
  context.errorCode = error.usageCode;
  if (answer.isOver) return;
  if (answer.isStream) answer.end(errorEvent(context, error));
  else if (answer.headSent) answer.breakOff();
  else sendError(context, error);
}

function sendError(context: RequestContext, error: GatewayError): void {
  const { answer } = context;
  if (error.code === 'stopping') answer.outgoing.shouldKeepAlive = false;
  const finish = endBeforeBody(context.incoming, answer.outgoing);
  const body = context.surface.errors.gateway(error, context.requestId);
  const headers = errorHeaders(context, error);
  addErrorHeaders(headers, context, body);
  answer.sendWhole(error.status, headers, Buffer.from(JSON.stringify(body)), finish);
}

function errorHeaders(context: RequestContext, error: GatewayError): string[] {
  const headers = [
    ...gatewayHeaders(context, undefined),
    'content-type',
    JSON_TYPE,
    'x-bonito-error-source',
    'gateway',
  ];
  if (!error.retryable) headers.push('x-should-retry', 'false');
  if (error.retryAfterSeconds !== undefined) headers.push('retry-after', String(error.retryAfterSeconds));
  if (context.attempts.length > 0) headers.push('x-bonito-attempts', String(context.attempts.length));
  return headers;
}

/** Tells the client that no target answered: in the provider's own words where there are some. */
export function respondWithFailure(context: RequestContext, failure: AttemptFailure): void {
  const { answer: provided, error } = failure;
  if (failure.refusal) return respondWithError(context, failure.refusal);
  if (!provided || !error || provided.status < 400) {
    respondWithError(context, errorOfCode(failure.code));
    context.errorCode = failure.code;
    return;
  }
  const { answer } = context;
  context.outcome = 'error';
  context.errorCode = failure.code;
  if (!answer.isStream && context.parsed?.stream && context.surface.errors.isStreamed?.(error))
    answer.startStream(providerErrorHeaders(context, failure, provided), context.surface.framing);
  if (answer.isStream) answer.end(failedEvent(context, failure, provided, error));
  else sendProviderError(context, failure, provided, error);
}

function providerErrorHeaders(
  context: RequestContext,
  failure: AttemptFailure,
  provided: ProviderAnswer,
): string[] {
  const headers = [...gatewayHeaders(context, undefined), ...responseHeaders(provided.headers)];
  headers.push('x-bonito-error-source', 'provider', 'x-bonito-attempts', String(context.attempts.length));
  if (!failure.retry) headers.push('x-should-retry', 'false');
  return headers;
}

function sendProviderError(
  context: RequestContext,
  failure: AttemptFailure,
  provided: ProviderAnswer,
  error: ProviderError,
): void {
  const headers = providerErrorHeaders(context, failure, provided);
  if (failure.native && provided.body.length > 0) {
    const type = provided.headers['content-type'];
    headers.push('content-type', typeof type === 'string' ? type : JSON_TYPE);
    return context.answer.sendWhole(provided.status, headers, provided.body);
  }
  if (failure.retryAfterMs !== undefined && provided.headers['retry-after'] === undefined)
    headers.push('retry-after', String(Math.ceil(failure.retryAfterMs / 1_000)));
  const { errors } = context.surface;
  const { status, body } = errors.provider(error, provided.status, context.requestId);
  headers.push('content-type', JSON_TYPE);
  addErrorHeaders(headers, context, body);
  context.answer.sendWhole(status, headers, Buffer.from(JSON.stringify(body)));
}

function failedEvent(
  context: RequestContext,
  failure: AttemptFailure,
  provided: ProviderAnswer,
  error: ProviderError,
): Buffer {
  const { errors } = context.surface;
  const native = failure.native ? readJsonRecord(provided.body) : undefined;
  return errors.event(native ?? errors.provider(error, provided.status, context.requestId).body);
}

/** An error of the gateway's own, inside a stream. */
function errorEvent({ surface, requestId }: RequestContext, error: GatewayError): Buffer {
  return surface.errors.event(surface.errors.gateway(error, requestId));
}

function addErrorHeaders(headers: string[], { surface }: RequestContext, body: JsonObject): void {
  if (surface.errors.headers) headers.push(...surface.errors.headers(body));
}

/** Says which fields the provider did not get, and counts them. */
function reportDropped(
  headers: string[],
  context: RequestContext,
  target: CompiledTarget,
  dropped: readonly string[],
): void {
  if (dropped.length === 0) return;
  context.services.metrics.fieldsDropped(target.provider.config.name, dropped.length);
  headers.push('x-bonito-dropped-params', droppedLabel(dropped));
}

/** Names as a header may hold them, and no more than proxies take. */
function droppedLabel(dropped: readonly string[]): string {
  const names = dropped.slice(0, MOST_NAMES).map((name) => encodeURI(name.slice(0, LONGEST_NAME)));
  if (dropped.length > MOST_NAMES) names.push(`+${dropped.length - MOST_NAMES}`);
  return names.join(', ');
}

const MOST_NAMES = 40;
const LONGEST_NAME = 80;
/** For a provider's error that came after a 200. */
const PROVIDER_FAILED = 502;

const ERROR_OF_USAGE_CODE: Partial<Record<UsageErrorCode, GatewayErrorCode>> = {
  authentication_failed: 'credential_refused',
  gateway_stopping: 'stopping',
  gateway_error: 'internal_error',
};

/** The gateway's own error for what a usage record would say. */
export function errorOfCode(code: UsageErrorCode): GatewayError {
  const own = ERROR_OF_USAGE_CODE[code] ?? code;
  return new GatewayError(isGatewayErrorCode(own) ? own : 'provider_answer_malformed');
}

function isGatewayErrorCode(code: string): code is GatewayErrorCode {
  return Object.hasOwn(GATEWAY_ERRORS, code);
}
