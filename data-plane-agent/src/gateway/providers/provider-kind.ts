import type { TokenCounts } from '@bonito/protocol';
import type { ChatAnswer } from '../chat/chat-answer.ts';
import type { ChatEvent } from '../chat/chat-event.ts';
import type { ChatRequest } from '../chat/chat-request.ts';
import type { Written } from '../chat/dropped-fields.ts';
import type { ProviderError } from '../chat/provider-error.ts';
import type { JsonObject, Wire } from '../chat/wire.ts';
import type { Framing, StreamFrame } from '../framing/stream-frame.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';

/** Where a call goes and what it carries besides its body. Credentials are added later, by `authorize`. */
export interface CallAddress {
  /** Below the provider's base URL, with its query: `/chat/completions`. */
  readonly path: string;
  /** Names in lower case and values by turns; without `content-type`, which is JSON unless it stands here. */
  readonly headers?: readonly string[] | undefined;
}

/** An answer with an error status as it came. */
export interface ErrorAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** Reads the frames of one streamed answer. Made anew for each attempt; holds no more than it must. */
export interface ChatEventReader {
  /**
   * @returns what the frame says, nothing for a keep-alive. Usage events are cumulative. An `end` event where the provider
   *   says itself that the stream is complete.
   * @throws MalformedAnswerError
   */
  read(frame: StreamFrame): ChatEvent[];
  /**
   * The answer's bytes are over. On wires that mark their end by closing alone, this is where `end` comes from, if a stop
   * was seen; elsewhere nothing: the gateway then reports an interrupted stream.
   */
  end(): ChatEvent[];
}

/** Numbers found in a stream or an answer that is passed on unread. */
export interface PassMeter {
  /**
   * A cheap look at raw bytes: false when no frame in them can matter to `frame`, so that they go on as one piece. May say
   * true too often, never false wrongly. Called with whole frames only.
   */
  concerns(bytes: Buffer): boolean;
  /** Looks at one frame. */
  frame(frame: StreamFrame): FrameSight;
  /**
   * Whether the answer is whole if its bytes end here: for wires that mark their end by closing alone, true once a stop was
   * seen. Wires with a last event of their own: always false.
   */
  readonly mayClose: boolean;
  /** The provider's figures so far, in disjoint classes; undefined while it gave none. */
  readonly figures: TokenCounts | undefined;
}

/**
 * What a frame is to a stream that is passed on. `data`: a model event, the first of which is the commit point. `opening`: says
 * that there will be some; it waits for the first of them.
 */
export type FrameSight = 'data' | 'opening' | 'keep-alive' | 'end' | 'error' | 'hidden';

/** A client's body and headers on their way to a provider that speaks the same wire. */
export interface PassInput {
  readonly body: JsonObject;
  /** The client's headers, lower-case names. */
  readonly header: (name: string) => string | undefined;
  readonly stream: boolean;
}

/** How a body of the same wire has to be changed; undefined members are removed. An empty edit lets bytes pass. */
export interface PassEdits {
  readonly edits: Readonly<Record<string, unknown>>;
  readonly dropped: readonly string[];
  /** Headers that go on besides the usual ones: names in lower case and values by turns. */
  readonly headers?: readonly string[] | undefined;
}

/**
 * A wire that a deployment understands, for clients who speak it themselves: their bytes go on, with the few changes that
 * the host needs. Pure.
 */
export interface PassDialect {
  readonly wire: Wire;
  readonly framing: Framing;
  /** Answers are bytes of any kind, a sound for one: they go on as they come. */
  readonly binary?: boolean | undefined;
  /** Answers may be text as well as JSON: it goes on as it comes. */
  readonly textAnswers?: boolean | undefined;
  /** Which of the two hold pictures or sounds: their bytes say nothing about tokens, so none are estimated from them. */
  readonly media?: { readonly request: boolean; readonly answer: boolean } | undefined;
  /** Error answers, or those of which it is true, are in the host's own words and not in the wire's: they are translated also
   * for its clients. */
  readonly foreignErrors?: boolean | ((answer: ErrorAnswer) => boolean) | undefined;
  /**
   * For a wire whose events come in another wire's frames (Claude's, in Bedrock's event stream): the event as it would stand
   * in SSE; undefined for a frame that holds none. What is unwrapped goes to `passMeter` and, as SSE, to the client.
   */
  readonly unwrap?: ((frame: StreamFrame) => StreamFrame | undefined) | undefined;
  address(target: CompiledTarget, stream: boolean): CallAddress;
  /** What of the client's body and headers changes on the way. */
  pass(input: PassInput, target: CompiledTarget): PassEdits;
  /**
   * Usage of an answer in one piece; undefined when it holds none.
   *
   * @param headers of the answer, lower-case names: some providers say it there alone
   */
  readUsage(body: JsonObject, headers?: ErrorAnswer['headers']): TokenCounts | undefined;
  /** @param hideUsage the gateway asked for usage that the client did not */
  passMeter(hideUsage: boolean): PassMeter;
  readError(answer: ErrorAnswer): ProviderError;
  /**
   * The answer with an error status that an error's frame stands for, where a stream begins with one: for wires that pack
   * errors into their events. Absent or undefined: the frame's data is the body.
   */
  readonly errorAnswer?: ((data: Buffer) => Pick<ErrorAnswer, 'status' | 'body'> | undefined) | undefined;
}

/** A body that was translated, and the headers that belong to it: names in lower case and values by turns. */
export type WrittenCall = Written<JsonObject> & {
  readonly headers?: readonly string[] | undefined;
  /** Where it goes, if the request itself decides that; absent: by `address`. */
  readonly path?: string | undefined;
};

/** A wire that the gateway translates to. Pure: a retry writes again from the same request. */
export interface ChatDialect extends PassDialect {
  /** Whether images and files may be given as https URLs; otherwise the gateway fetches them first. */
  readonly takesMediaUrls: boolean;
  /** Whether one call can give several answers; otherwise the gateway makes several calls. */
  readonly takesChoices: boolean;
  /** Everything that cannot be expressed is in `dropped`, by its path; nothing is lost without that. */
  writeRequest(request: ChatRequest, target: CompiledTarget): WrittenCall;
  /**
   * @param request what was asked: where names were changed to suit the provider, the answer gets the client's own back
   * @throws MalformedAnswerError
   */
  readAnswer(body: JsonObject, request?: ChatRequest): ChatAnswer;
  /** @param request as in `readAnswer` */
  eventReader(request?: ChatRequest): ChatEventReader;
}

/** Requests other than chat, by their form at OpenAI (rerank: at Cohere). */
export type Operation =
  | 'completions'
  | 'embeddings'
  | 'images.generate'
  | 'images.edit'
  | 'audio.transcribe'
  | 'audio.translate'
  | 'audio.speak'
  | 'rerank'
  | 'moderate'
  | 'count_tokens';

/** How one operation is called at a provider. Pure. */
export interface OperationDialect {
  /** @param body in the surface's own form, with the client's model name. @throws GatewayError */
  write(body: JsonObject, target: CompiledTarget): Written<JsonObject> & CallAddress;
  /**
   * The answer in the surface's own form, and its usage; undefined usage when the provider says nothing about it.
   *
   * @param headers of the answer, lower-case names: some providers say usage there alone
   * @throws MalformedAnswerError
   */
  read(
    answer: JsonObject,
    body: JsonObject,
    headers?: ErrorAnswer['headers'],
  ): { value: JsonObject; usage: TokenCounts | undefined };
  readError(answer: ErrorAnswer): ProviderError;
}

/** What the call is made with. Comes ready to use: tokens are fetched and renewed elsewhere. */
export type Credential =
  | { readonly type: 'none' }
  /** A key, for whatever header the provider wants. */
  | { readonly type: 'secret'; readonly value: string }
  /** An access token, sent as `Authorization: Bearer`. */
  | { readonly type: 'bearer'; readonly token: string }
  | {
      readonly type: 'aws';
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string | undefined;
      /** Added to the clock when signing: AWS's time less ours, in milliseconds. */
      readonly skewMs: number;
    };

/** A call as it will be sent, for signing. */
export interface UnsignedCall {
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** With the base URL's path and the query. */
  readonly path: string;
  /** Names in lower case and values by turns. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** A kind of provider: the only thing that the gateway knows about it. */
export interface ProviderKind {
  /** What chat is translated to; undefined for a deployment that has no chat. One object per use: made once, not per call. */
  chat(target: CompiledTarget): ChatDialect | undefined;
  /** Wires besides `chat`'s own that the deployment understands as they come; those of other requests than chat too. */
  passes(target: CompiledTarget): readonly PassDialect[];
  /** How a request other than chat is translated, where `passes` has no wire for it; undefined: not possible there. */
  operation(operation: Operation, target: CompiledTarget): OperationDialect | undefined;
  /**
   * The headers that prove who calls, names in lower case and values by turns.
   *
   * @param now milliseconds since 1970
   */
  authorize(
    call: UnsignedCall,
    credential: Credential,
    target: CompiledTarget,
    now: number,
  ): readonly string[];
}
