import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attempt, Outcome, SurfaceName, UsageErrorCode } from '@bonito/protocol';
import type { ByteBudget } from '../body/byte-budget.ts';
import type { HeldBody } from '../body/decompress.ts';
import type { HeldBytes } from '../body/held-bytes.ts';
import type { Form } from '../body/multipart.ts';
import type { ChatRequest } from '../chat/chat-request.ts';
import type { JsonObject, Wire } from '../chat/wire.ts';
import type { Framing } from '../framing/stream-frame.ts';
import type {
  Clock,
  ConfigSource,
  CredentialSource,
  GatewayMetrics,
  MediaFetcher,
  Random,
  UpstreamConnections,
  UsageSink,
} from '../ports.ts';
import type { Operation } from '../providers/provider-kind.ts';
import type { AttemptTimers } from '../reliability/attempt-timer.ts';
import type { CircuitBreaker } from '../reliability/circuit-breaker.ts';
import type { GatewaySettings } from '../server/gateway-settings.ts';
import type { CompiledModel, CompiledTarget, Principal, Snapshot } from '../snapshot/snapshot.ts';
import type { StateSeal } from '../state/state-seal.ts';
import type { ChatSurface, SurfaceErrors } from '../surfaces/chat-surface.ts';
import { ClientAnswer } from './client-answer.ts';

/** A line for the log. Fields hold ids, codes and numbers, never content. */
export interface GatewayLog {
  error(fields: Record<string, string | number | boolean | null>, message: string): void;
  warn(fields: Record<string, string | number | boolean | null>, message: string): void;
}

/** What all requests share. */
export interface GatewayServices {
  readonly config: ConfigSource;
  readonly usage: UsageSink;
  readonly credentials: CredentialSource;
  readonly media: MediaFetcher;
  readonly connections: UpstreamConnections;
  readonly metrics: GatewayMetrics;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: GatewayLog;
  readonly settings: GatewaySettings;
  readonly budget: ByteBudget;
  readonly breaker: CircuitBreaker;
  readonly timers: AttemptTimers;
  readonly seal: StateSeal;
}

/** Why a request is ended from outside. */
export type EndReason = 'client_closed' | 'gateway_stopping';

/** Something that a request waits for, and that can be given up. */
export interface Cancellable {
  cancel(reason: EndReason): void;
}

/** What was decided from the body, and the bytes that stand for it. */
export interface ParsedRequest {
  /** The client's own, or the parsed value written anew where another reader could see something else in them. */
  readonly bytes: Buffer;
  /** The same as `JSON.parse` reads it. Never changed. */
  readonly value: JsonObject;
  /** Set where the body is a form: `value` then holds its text fields. */
  readonly form?: Form | undefined;
  readonly model: string;
  readonly stream: boolean;
  /** The client asked for the usage chunk itself, so that it is not hidden. */
  readonly wantsUsage: boolean;
}

/** A request's way through the pipeline. Each stage fills in what it finds out. */
export interface RequestContext {
  readonly services: GatewayServices;
  readonly incoming: IncomingMessage;
  readonly surface: PipelineSurface;
  readonly snapshot: Snapshot;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  readonly answer: ClientAnswer;
  /** The client wants a stream as one JSON array and not as events. */
  readonly answersArray: boolean;
  /** The model as the path names it, on surfaces where it does. */
  readonly pathModel: string | undefined;

  /** Where the request stands in the list of those under way. */
  place: number;
  principal: Principal | undefined;
  /** The body as it was read; given back to the budget by settle. */
  body: HeldBody | undefined;
  parsed: ParsedRequest | undefined;
  /** The chat in no one's language; read when a target first needs it. */
  chat: ChatRequest | undefined;
  /** What fetched images and files hold of the budget; given back by settle. */
  media: HeldBytes | undefined;
  /** What the asked name stands for, before a bound route replaced it. */
  requested: CompiledModel | undefined;
  /** What is used: the asked model, or the route that the key is bound to. */
  model: CompiledModel | undefined;
  targets: readonly CompiledTarget[];
  readonly attempts: Attempt[];
  /** The target that gave the answer. */
  answeredBy: CompiledTarget | undefined;
  /** Set once, when the client went away or the gateway stops. */
  ended: EndReason | undefined;
  /** What the request waits for at the moment, besides its body. */
  waiting: Cancellable | undefined;
  outcome: Outcome;
  errorCode: UsageErrorCode | null;
  /** Monotonic milliseconds at which the first model event went out. */
  firstTokenAt: number | undefined;
}

/** The part of a surface that the pipeline needs; GET surfaces have no body and call nothing. */
export interface PipelineSurface {
  readonly name: SurfaceName;
  /** What a deployment must be able to do. */
  readonly capability: string;
  /** Or this, where one path serves two kinds of models. */
  readonly otherCapability?: string | undefined;
  /** The wire of its chat; undefined for other requests. */
  readonly wire: Wire | undefined;
  readonly framing: Framing;
  /** Set where its chat can be translated. */
  readonly chat: ChatSurface | undefined;
  /** Set for requests other than chat. */
  readonly operation: Operation | undefined;
  readonly errors: SurfaceErrors;
  /** Whether answers are streamed: as the body's `stream` says, or by the path alone. */
  readonly streams: 'body' | 'always' | 'never';
  /** `multipart`: a form where the content type says so, JSON otherwise. */
  readonly bodyKind: 'json' | 'multipart';
  /** The top-level fields of the body that something is decided on, in lower-case ASCII. */
  readonly decides: readonly string[];
}

export function createRequestContext(
  services: GatewayServices,
  surface: PipelineSurface,
  snapshot: Snapshot,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  pathModel: string | undefined,
): RequestContext {
  const requestId = services.random.id();
  return {
    services,
    incoming,
    surface,
    snapshot,
    requestId,
    arrivedAt: services.clock.now(),
    startedAt: services.clock.monotonic(),
    answer: new ClientAnswer(outgoing, requestId),
    pathModel,
    answersArray: wantsArray(surface, incoming),
    place: -1,
    principal: undefined,
    body: undefined,
    parsed: undefined,
    chat: undefined,
    media: undefined,
    requested: undefined,
    model: undefined,
    targets: [],
    attempts: [],
    answeredBy: undefined,
    ended: undefined,
    waiting: undefined,
    outcome: 'error',
    errorCode: 'gateway_error',
    firstTokenAt: undefined,
  };
}

/** Google's streaming method answers an array unless `alt=sse` is asked for. */
function wantsArray(surface: PipelineSurface, incoming: IncomingMessage): boolean {
  return (
    surface.wire === 'gemini-content' &&
    surface.streams === 'always' &&
    !/[?&]alt=sse(?:&|$)/.test(incoming.url ?? '')
  );
}

/** Ends a request from outside: cancels whatever it waits for. Only the first reason counts. */
export function endRequest(context: RequestContext, reason: EndReason): void {
  if (context.ended) return;
  context.ended = reason;
  if (context.waiting) context.waiting.cancel(reason);
  // A body that is still being read is given up with its connection.
  else if (!context.parsed) context.incoming.destroy();
}
