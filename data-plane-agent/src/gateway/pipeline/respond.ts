import { costOf, formatUsd, type UsageErrorCode } from '@bonito/protocol';
import { GatewayError } from '../errors/gateway-error.ts';
import { GATEWAY_ERRORS, type GatewayErrorCode } from '../errors/gateway-error-table.ts';
import { addResponseHeaders, responseHeaders } from '../headers/response-headers.ts';
import { readJsonRecord } from '../metering/read-json-record.ts';
import type { AttemptFailure, ProviderAnswer } from '../reliability/attempt-failure.ts';
import { endBeforeBody } from '../server/end-before-body.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { openAiErrorBody, openAiErrorEvent } from '../surfaces/openai-error.ts';
import { gatewayHeaders } from './answer-headers.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { RequestContext } from './request-context.ts';
import type { StreamSink } from './stream-reader.ts';
import type { AnswerHead } from './upstream-exchange.ts';
import type { Usage, WholeSink } from './whole-reader.ts';

const JSON_TYPE = 'application/json';

/** Lets a stream's events out to the client. */
export class StreamOutlet implements StreamSink {
  private readonly context: RequestContext;
  private readonly target: CompiledTarget;
  private readonly head: AnswerHead;
  private readonly keepAlive: KeepAlive | undefined;

  constructor(
    context: RequestContext,
    target: CompiledTarget,
    head: AnswerHead,
    keepAlive: KeepAlive | undefined,
  ) {
    this.context = context;
    this.target = target;
    this.head = head;
    this.keepAlive = keepAlive;
  }

  commit(): void {
    const { context, target, head } = this;
    context.answeredBy = target;
    context.firstTokenAt = context.services.clock.monotonic();
    context.answer.startStream([...gatewayHeaders(context, target), ...responseHeaders(head.headers)]);
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

  endWithError(code: UsageErrorCode): void {
    this.context.answer.end(openAiErrorEvent(errorOfCode(code)));
  }
}

/** Lets an answer in one piece out to the client, or one that was too large to be held. */
export class WholeOutlet implements WholeSink {
  private readonly context: RequestContext;
  private readonly target: CompiledTarget;
  private readonly head: AnswerHead;

  constructor(context: RequestContext, target: CompiledTarget, head: AnswerHead) {
    this.context = context;
    this.target = target;
    this.head = head;
  }

  send(body: Buffer, usage: Usage): void {
    const { context, target, head } = this;
    const { answer } = context;
    // A client that asked for a stream and has seen its head cannot be given a JSON document any more.
    if (answer.isStream) return answer.end(openAiErrorEvent(new GatewayError('provider_answer_malformed')));
    const headers = this.commit();
    if (usage.quality === 'exact')
      headers.push('x-bonito-cost', formatUsd(costSoFar(context, target, usage)));
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

  private commit(): string[] {
    const { context, target, head } = this;
    context.answeredBy = target;
    context.firstTokenAt = context.services.clock.monotonic();
    const type = head.headers['content-type'];
    const headers = gatewayHeaders(context, target);
    headers.push('content-type', typeof type === 'string' ? type : JSON_TYPE);
    addResponseHeaders(headers, head.headers);
    return headers;
  }
}

function costSoFar(context: RequestContext, target: CompiledTarget, usage: Usage): number {
  let nanos = costOf(usage.tokens, target.deployment.price);
  for (const attempt of context.attempts) nanos += attempt.cost_nanos;
  return nanos;
}

/** Tells the client that the gateway does not serve the request. */
export function respondWithError(context: RequestContext, error: GatewayError): void {
  const { answer } = context;
  context.outcome = error.code === 'client_closed' ? 'cancelled' : 'error';
  context.errorCode = error.usageCode;
  if (answer.isOver) return;
  if (answer.isStream) answer.end(openAiErrorEvent(error));
  else if (answer.headSent) answer.breakOff();
  else sendError(context, error);
}

function sendError(context: RequestContext, error: GatewayError): void {
  const { answer } = context;
  if (error.code === 'stopping') answer.outgoing.shouldKeepAlive = false;
  const finish = endBeforeBody(context.incoming, answer.outgoing);
  answer.sendWhole(error.status, errorHeaders(context, error), openAiErrorBody(error), finish);
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
  const { answer: provided } = failure;
  if (!provided || provided.status < 400) {
    respondWithError(context, errorOfCode(failure.code));
    context.errorCode = failure.code;
    return;
  }
  const { answer } = context;
  context.outcome = 'error';
  context.errorCode = failure.code;
  if (answer.isStream) answer.end(errorEventOf(provided) ?? openAiErrorEvent(errorOfCode(failure.code)));
  else sendProviderError(context, failure, provided);
}

function sendProviderError(context: RequestContext, failure: AttemptFailure, provided: ProviderAnswer): void {
  const type = provided.headers['content-type'];
  const headers = [
    ...gatewayHeaders(context, undefined),
    ...responseHeaders(provided.headers),
    'content-type',
    typeof type === 'string' ? type : JSON_TYPE,
    'x-bonito-error-source',
    'provider',
    'x-bonito-attempts',
    String(context.attempts.length),
  ];
  if (!failure.retry) headers.push('x-should-retry', 'false');
  context.answer.sendWhole(provided.status, headers, provided.body);
}

function errorEventOf(provided: ProviderAnswer): Buffer | undefined {
  const body = readJsonRecord(provided.body);
  return body?.error === undefined ? undefined : Buffer.from(`data: ${JSON.stringify(body)}\n\n`);
}

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
