import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answer, SurfaceRequest } from './answer.ts';
import type { Attempt, AttemptLedger } from './attempt-ledger.ts';
import type { Behaviour } from './behaviour.ts';
import { deliverAnswer, type Progress } from './deliver-answer.ts';
import { describeArrival } from './describe-arrival.ts';
import { UnknownFaultError } from './fault-grammar.ts';
import { isRecord, type JsonObject } from './json-value.ts';
import { OpenAiError } from './openai-error.ts';
import type { BehaviourPlanner } from './plan-behaviour.ts';
import type { Wait } from './wait.ts';

/** Turns a request into an answer, or throws `OpenAiError`. */
export type Surface = (request: SurfaceRequest) => Answer;

export interface AttemptContext {
  ledger: AttemptLedger;
  planner: BehaviourPlanner;
  wait: Wait;
  /** Milliseconds since 1970. */
  now: () => number;
  isAllowed: (request: IncomingMessage) => boolean;
}

/** Serves one request to a model and counts it as one attempt. Never rejects. */
export async function serveAttempt(
  context: AttemptContext,
  surface: Surface,
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
): Promise<void> {
  const body = parseObject(bytes);
  const attempt = context.ledger.begin(describeArrival(request, bytes, body));
  const progress: Progress = { outputTokens: 0, isCut: false };
  let answer: Answer | undefined;
  const closed = new AbortController();
  const end = () => {
    const isWhole = response.writableFinished && !progress.isCut;
    attempt.status = response.headersSent ? response.statusCode : 0;
    context.ledger.end(attempt, {
      outcome: isWhole ? 'completed' : progress.isCut ? 'cut' : 'aborted',
      inputTokens: answer?.inputTokens ?? 0,
      outputTokens: isWhole ? (answer?.outputTokens ?? 0) : progress.outputTokens,
    });
  };
  response.once('finish', end);
  response.once('close', () => {
    closed.abort();
    if (attempt.outcome === 'running') end();
  });
  response.setHeader('x-request-id', `sim-${attempt.sequence}`);
  try {
    const behaviour = planOrThrow(context, request, body);
    if (behaviour.firstByteMilliseconds) await context.wait(behaviour.firstByteMilliseconds, closed.signal);
    if (closed.signal.aborted) return;
    if (behaviour.drop) {
      progress.isCut = true;
      response.destroy();
      return;
    }
    throwAskedError(behaviour, body, response);
    answer = surface(surfaceRequest(context, attempt, body, behaviour));
    await deliverAnswer({ response, progress, closed: closed.signal, wait: context.wait }, answer, behaviour);
  } catch (error) {
    sendError(response, error);
  }
}

/** Sends an error in OpenAI's shape, or as a web page when that was asked for. */
export function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof OpenAiError ? error : new OpenAiError(500, String(error));
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const isPage = response.getHeader('content-type') === 'text/html';
  if (!isPage) response.setHeader('content-type', 'application/json');
  response.writeHead(known.status);
  response.end(isPage ? `<html><body><h1>${known.status}</h1></body></html>` : known.body());
}

function planOrThrow(
  { planner, isAllowed }: AttemptContext,
  request: IncomingMessage,
  body: JsonObject | undefined,
): Behaviour {
  if (!isAllowed(request)) throw new OpenAiError(401, 'Incorrect API key provided to the simulator.');
  if (!body) throw new OpenAiError(400, 'The body is not a JSON object.');
  if (typeof body.model !== 'string' || body.model === '') {
    throw new OpenAiError(400, 'You must provide a model parameter.', { param: 'model' });
  }
  try {
    const plan = planner.plan(body.model, request.headers['x-simulator-fault']?.toString());
    if (plan.known) return plan.behaviour;
  } catch (error) {
    if (!(error instanceof UnknownFaultError)) throw error;
    throw new OpenAiError(400, error.message, { code: error.code });
  }
  throw new OpenAiError(404, `The model '${body.model}' does not exist.`, { param: 'model' });
}

function throwAskedError(behaviour: Behaviour, body: JsonObject | undefined, response: ServerResponse): void {
  if (behaviour.refuseStreamOptions && body?.stream_options !== undefined) {
    throw new OpenAiError(400, "Unknown parameter: 'stream_options'.", { param: 'stream_options' });
  }
  if (behaviour.status === undefined) return;
  if (behaviour.retryAfterSeconds !== undefined)
    response.setHeader('retry-after', behaviour.retryAfterSeconds);
  if (behaviour.htmlError) response.setHeader('content-type', 'text/html');
  throw new OpenAiError(behaviour.status, `The simulator was asked to answer ${behaviour.status}.`);
}

function surfaceRequest(
  { now }: AttemptContext,
  { sequence }: Attempt,
  body: JsonObject | undefined,
  behaviour: Behaviour,
): SurfaceRequest {
  const created = Math.floor(now() / 1000);
  return { body: body ?? {}, model: String(body?.model), behaviour, sequence, created };
}

function parseObject(bytes: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
