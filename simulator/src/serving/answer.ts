import type { Behaviour } from '../faults/behaviour.ts';
import type { JsonObject } from '../json-value.ts';
import type { PromptCache } from '../model/prompt-cache.ts';
import type { StateSigner } from '../model/state-signer.ts';
import type { Framing } from './framing.ts';

/** One event of a stream. */
export interface AnswerEvent {
  /** JSON text. */
  data: string;
  /** The event's name, on wires that name their events. */
  name?: string;
  /** Output tokens that this event carries. */
  tokens: number;
}

/** What a surface answers, before faults decide how it is delivered. */
export interface Answer {
  inputTokens: number;
  outputTokens: number;
  /** The body, or for a stream its events. */
  content:
    | { kind: 'json'; body: string }
    | { kind: 'bytes'; body: Buffer; contentType: string }
    | { kind: 'stream'; events: AnswerEvent[]; framing: Framing };
  headers?: Record<string, string>;
}

/** What a surface needs to know besides the body. */
export interface SurfaceRequest {
  body: JsonObject;
  /** As the caller named it. */
  model: string;
  /** The same on every wire for the same `sim/<faults>`. */
  seed: string;
  stream: boolean;
  /** A prompt that asks for faults of its own changes it. */
  behaviour: Behaviour;
  planPrompt: (prompt: string) => Behaviour;
  /** Makes ids unique and readable in a test's output. */
  sequence: number;
  /** Seconds since 1970. */
  created: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  query: URLSearchParams;
  cache: PromptCache;
  signer: StateSigner;
  /** Answers by id, for wires that continue from an earlier one. */
  remembered: Map<string, readonly unknown[]>;
}

/** Marks every answer of this process, so that nobody takes it for a model's. */
export const systemFingerprint = 'fp_bonito_simulator';
