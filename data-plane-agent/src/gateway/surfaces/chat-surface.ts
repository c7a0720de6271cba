import type { ChatAnswer } from '../chat/chat-answer.ts';
import type { ChatEvent } from '../chat/chat-event.ts';
import type { ChatRequest } from '../chat/chat-request.ts';
import type { Written } from '../chat/dropped-fields.ts';
import type { ProviderError } from '../chat/provider-error.ts';
import type { JsonObject, Wire } from '../chat/wire.ts';
import type { GatewayError } from '../errors/gateway-error.ts';

/** What a surface knows of a request besides its body. */
export interface SurfaceInput {
  /** Values of the client's headers by lower-case name; undefined where absent. */
  readonly header: (name: string) => string | undefined;
}

/** Writes the events of one streamed answer as the bytes that the client sees. Made anew for each answer. */
export interface ChatEventWriter {
  /** The bytes for an event; undefined when nothing is sent for it. An event may come as several frames. */
  write(event: ChatEvent): Buffer | undefined;
  /** Closes the stream in the surface's own way, after the last event of a complete answer. */
  end(): Buffer | undefined;
  /**
   * An error inside the stream, after what was written before: for wires whose events are numbered, or tell of the answer as
   * far as it came. Nothing follows it. Absent: the surface's own `errors.event` says it.
   *
   * @param body as the surface's errors made it
   */
  readonly fail?: ((body: JsonObject) => Buffer | undefined) | undefined;
  /** Paths of what the wire could not express so far. */
  readonly dropped: readonly string[];
}

/** How a surface says that something went wrong. Statuses are HTTP's. */
export interface SurfaceErrors {
  /** The body for an error of the gateway's own. */
  gateway(error: GatewayError, requestId: string): JsonObject;
  /** Status and body for a provider's error that came in another wire's words. `status` is the provider's. */
  provider(error: ProviderError, status: number, requestId: string): { status: number; body: JsonObject };
  /** Headers that go with an error's body, where the API has some: names in lower case and values by turns. */
  readonly headers?: ((body: JsonObject) => readonly string[]) | undefined;
  /** Whether clients that asked for a stream look for such an error inside of one, and not for a status. */
  readonly isStreamed?: ((error: ProviderError) => boolean) | undefined;
  /** An error inside a stream that has begun, whole frames; nothing follows it. `body` is what the two above made. */
  event(body: JsonObject): Buffer;
  /** What is sent while nothing else is, so that no one on the way gives up. Clients ignore it. */
  readonly ping: Buffer | undefined;
}

/** A chat API that clients speak, and the neutral form. Pure. */
export interface ChatSurface {
  readonly wire: Wire;
  /** @throws GatewayError with `param` where a field is at fault */
  readRequest(body: JsonObject, input: SurfaceInput): ChatRequest;
  writeAnswer(answer: ChatAnswer, request: ChatRequest): Written<JsonObject>;
  eventWriter(request: ChatRequest): ChatEventWriter;
  readonly errors: SurfaceErrors;
}
