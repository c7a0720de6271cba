import { GatewayError } from '../errors/gateway-error.ts';
import { requestHeaders } from '../headers/request-headers.ts';
import { estimateTokens } from '../metering/estimate-tokens.ts';
import { StreamMeter } from '../metering/stream-meter.ts';
import { callOptions } from '../providers/openai-compatible/call-options.ts';
import {
  type AttemptFailure,
  CREDENTIAL_MISSING,
  failureWithoutAnswer,
} from '../reliability/attempt-failure.ts';
import type { AttemptLimits } from '../reliability/attempt-timer.ts';
import { retryDelay } from '../reliability/retry-delay.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { gatewayHeaders } from './answer-headers.ts';
import type { AnswerReader, AttemptEnd, ExchangeControl } from './answer-reader.ts';
import { ErrorReader } from './error-reader.ts';
import { KeepAlive } from './keep-alive.ts';
import { recordAttempt } from './record-attempt.ts';
import type { ParsedRequest, RequestContext } from './request-context.ts';
import { respondWithFailure, streamOutlet, wholeOutlet } from './respond.ts';
import { StreamReader } from './stream-reader.ts';
import { upstreamBody } from './upstream-body.ts';
import { type AnswerHead, UpstreamExchange } from './upstream-exchange.ts';
import { WholeReader } from './whole-reader.ts';

const PING = Buffer.from(': ping\n\n');

/** Everything that all attempts of one request share. */
interface Call {
  readonly context: RequestContext;
  readonly parsed: ParsedRequest;
  readonly clientHeaders: readonly string[];
  readonly keepAlive: KeepAlive | undefined;
}

/** Tries the targets in their order until one answers, and lets the client see how it ends. */
export async function call(context: RequestContext): Promise<void> {
  const { parsed } = context;
  if (!parsed) throw new GatewayError('internal_error');
  const keepAlive = parsed.stream ? keepAliveOf(context) : undefined;
  const clientHeaders = requestHeaders(context.incoming.rawHeaders);
  try {
    const failure = await tryTargets({ context, parsed, clientHeaders, keepAlive });
    if (failure) respondWithFailure(context, failure);
  } finally {
    keepAlive?.stop();
  }
}

function keepAliveOf(context: RequestContext): KeepAlive {
  const { answer, services } = context;
  return new KeepAlive(services.clock, services.settings.keepAliveCommentMs, () => {
    if (answer.isOver) return;
    answer.startStream(gatewayHeaders(context, undefined));
    answer.write(PING);
  });
}

/** Undefined when the client has its answer. */
async function tryTargets(call: Call): Promise<AttemptFailure | undefined> {
  const { context } = call;
  let failure = CREDENTIAL_MISSING;
  for (const target of context.targets) {
    const last = await tryTarget(call, target);
    if (!last || context.ended || !last.failover) return last;
    failure = last;
  }
  return failure;
}

/** Tries one target, again where that may help. */
async function tryTarget(call: Call, target: CompiledTarget): Promise<AttemptFailure | undefined> {
  const { context } = call;
  const { secrets, settings, random } = context.services;
  const { config } = target.provider;
  const retries = config.retries ?? settings.retries;
  for (let tries = 1; ; tries++) {
    if (context.ended) return failureWithoutAnswer(context.ended);
    const credential = secrets.read(config.credential);
    if (credential === undefined) return CREDENTIAL_MISSING;
    const { failure } = await attempt(call, target, credential);
    if (!failure || context.ended) return failure;
    if (failure.credentialRefused) secrets.refused(config.credential);
    if (!failure.retry || tries > retries) return failure;
    const policy = { baseMs: settings.retryBaseMs, capMs: settings.retryCapMs };
    const delay = retryDelay(policy, tries, failure.retryAfterMs, random.fraction());
    if (delay === undefined) return failure;
    await wait(context, delay);
  }
}

/** Waits, but not longer than the request lives. */
function wait(context: RequestContext, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    context.onEnded = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

function attempt(call: Call, target: CompiledTarget, credential: string): Promise<AttemptEnd> {
  const { context, parsed } = call;
  const { clock, breaker, connections, usage } = context.services;
  const askUsage = parsed.stream && !parsed.wantsUsage && target.provider.config.stream_options !== false;
  const body = upstreamBody(parsed, target.deployment.upstream_model, askUsage);
  const startedAt = clock.monotonic();
  breaker.attempting(target.deployment.id, startedAt);
  return new Promise((resolve) => {
    const exchange = new UpstreamExchange({
      clock,
      limits: limitsOf(context, target),
      reader: (head, control) => readerOf(call, target, head, control, body.length, askUsage),
      endWithoutHead: (code) => ({
        outcome: code === 'client_closed' ? 'cancelled' : 'error',
        code,
        tokens: estimateTokens({
          inputBytes: body.length,
          outputBytes: 0,
          outputEvents: 0,
          smallestEventBytes: 0,
        }),
        quality: 'estimated',
        failure: failureWithoutAnswer(code),
      }),
      finished: (end) => {
        context.onEnded = undefined;
        recordAttempt(context, target, exchange.status, end, startedAt);
        resolve(end);
      },
    });
    context.onEnded = (reason) => exchange.cancel(reason);
    const { upstreamPath } = context.surface;
    const options = callOptions(target, {
      upstreamPath,
      clientHeaders: call.clientHeaders,
      body,
      credential,
    });
    usage.open(openAttempt(context, target, parsed), () => {
      if (exchange.isOver) return;
      try {
        connections.dispatcher(target.provider).dispatch(options, exchange);
      } catch {
        exchange.refuse();
      }
    });
  });
}

function openAttempt(context: RequestContext, target: CompiledTarget, parsed: ParsedRequest) {
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
    stream: parsed.stream,
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

function readerOf(
  call: Call,
  target: CompiledTarget,
  head: AnswerHead,
  control: ExchangeControl,
  inputBytes: number,
  hideUsage: boolean,
): AnswerReader {
  const { context } = call;
  const { settings, budget, clock } = context.services;
  if (head.status >= 300) return new ErrorReader(head, control, clock.now());
  if (isEventStream(head)) {
    const outlet = streamOutlet(context, target, head, call.keepAlive);
    const meter = new StreamMeter(inputBytes, hideUsage);
    const limits = { eventBytes: settings.eventLimitBytes, now: clock.now() };
    return new StreamReader(head, control, outlet, meter, limits);
  }
  const limits = { bufferBytes: settings.answerBufferBytes, budget };
  return new WholeReader(control, wholeOutlet(context, target, head), inputBytes, limits);
}

function isEventStream(head: AnswerHead): boolean {
  const type = head.headers['content-type'];
  return typeof type === 'string' && type.toLowerCase().startsWith('text/event-stream');
}
