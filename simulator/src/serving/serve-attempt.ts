import type { ServerResponse } from 'node:http';
import type { Authority } from '../credentials/authority.ts';
import type { Behaviour } from '../faults/behaviour.ts';
import { UnknownFaultError } from '../faults/fault-grammar.ts';
import type { BehaviourPlanner, KnownPlan } from '../faults/plan-behaviour.ts';
import type { JsonObject } from '../json-value.ts';
import { AskedStatusError } from '../model/model-refusals.ts';
import type { PromptCache } from '../model/prompt-cache.ts';
import type { StateSigner } from '../model/state-signer.ts';
import type { Answer, SurfaceRequest } from './answer.ts';
import type { Attempt, AttemptLedger } from './attempt-ledger.ts';
import { deliverAnswer, type Progress } from './deliver-answer.ts';
import { describeArrival } from './describe-arrival.ts';
import { parseBody } from './parse-body.ts';
import type { Wait } from './wait.ts';
import type { Arrival, Operation, Wire } from './wire.ts';
import { WireError } from './wire-error.ts';

export interface AttemptContext {
  ledger: AttemptLedger;
  planner: BehaviourPlanner;
  authority: Authority;
  cache: PromptCache;
  signer: StateSigner;
  remembered: SurfaceRequest['remembered'];
  wait: Wait;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** Serves one request to a model and counts it as one attempt. Never rejects. */
export async function serveAttempt(
  context: AttemptContext,
  operation: Operation,
  arrival: Arrival,
  response: ServerResponse,
): Promise<void> {
  const { request, bytes } = arrival;
  const body = await parseBody(bytes, request.headers['content-type']);
  const model = operation.model ?? body?.model;
  const stream = operation.stream ?? body?.stream === true;
  const attempt = context.ledger.begin(describeArrival(request, bytes, model, stream));
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
  let behaviour: Behaviour | undefined;
  try {
    operation.wire.authorize(arrival, context.authority);
    if (!body) throw operation.wire.refuse(400, 'The body is not a JSON object.');
    const plan = planOrThrow(context, operation.wire, arrival, model);
    behaviour = plan.behaviour;
    if (behaviour.firstByteMilliseconds) await context.wait(behaviour.firstByteMilliseconds, closed.signal);
    if (closed.signal.aborted) return;
    if (behaviour.drop) {
      progress.isCut = true;
      response.destroy();
      return;
    }
    throwAskedError(operation.wire, behaviour, body);
    answer = operation.surface(surfaceRequest(context, attempt, arrival, { body, stream, model, plan }));
    await deliverAnswer({ response, progress, closed: closed.signal, wait: context.wait }, answer, behaviour);
  } catch (error) {
    sendError(response, operation.wire, error, behaviour);
  }
}

/** Sends an error in the wire's form, or as a web page when the behaviour says so. */
export function sendError(
  response: ServerResponse,
  wire: Pick<Wire, 'refuse'>,
  error: unknown,
  behaviour: Behaviour = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const asked = error instanceof AskedStatusError ? error.status : 500;
  const known =
    error instanceof WireError ? error : wire.refuse(asked, messageOf(error), behaviour.retryAfterSeconds);
  const headers: Record<string, string> = { 'content-type': 'application/json', ...known.headers };
  if (behaviour.retryAfterSeconds !== undefined) headers['retry-after'] = String(behaviour.retryAfterSeconds);
  if (behaviour.htmlError) headers['content-type'] = 'text/html';
  response.writeHead(known.status, headers);
  response.end(behaviour.htmlError ? `<html><body><h1>${known.status}</h1></body></html>` : known.body());
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function planOrThrow(
  { planner }: AttemptContext,
  wire: Wire,
  { request }: Arrival,
  model: unknown,
): KnownPlan {
  if (typeof model !== 'string' || model === '') throw wire.refuseNoModel();
  try {
    const plan = planner.plan(model, request.headers['x-simulator-fault']?.toString());
    if (plan.known) return plan;
  } catch (error) {
    if (!(error instanceof UnknownFaultError)) throw error;
    throw wire.refuse(400, error.message);
  }
  throw wire.refuseModel(model);
}

function throwAskedError(wire: Wire, behaviour: Behaviour, body: JsonObject): void {
  if (behaviour.refuseStreamOptions && body.stream_options !== undefined)
    throw wire.refuse(400, "Unknown parameter: 'stream_options'.");
  if (behaviour.status !== undefined) throw new AskedStatusError(behaviour.status);
}

function surfaceRequest(
  { now, planner, cache, signer, remembered }: AttemptContext,
  { sequence }: Attempt,
  { request, url }: Arrival,
  { body, stream, model, plan }: { body: JsonObject; stream: boolean; model: unknown; plan: KnownPlan },
): SurfaceRequest {
  return {
    body,
    stream,
    model: String(model),
    seed: plan.seed,
    behaviour: plan.behaviour,
    planPrompt: planner.planPrompt,
    sequence,
    created: Math.floor(now() / 1000),
    headers: request.headers,
    query: url.searchParams,
    cache,
    signer,
    remembered,
  };
}
