import type { Behaviour } from './behaviour.ts';
import type { JsonObject } from './json-value.ts';

/** One event of a stream, ready to be written after `data: `. */
export interface AnswerEvent {
  data: string;
  /** Output tokens that this event carries. */
  tokens: number;
}

/** What a surface answers, before faults decide how it is delivered. */
export interface Answer {
  inputTokens: number;
  outputTokens: number;
  /** The JSON body, or for a stream its events without `[DONE]`. */
  content: { kind: 'json'; body: string } | { kind: 'stream'; events: AnswerEvent[] };
}

/** What a surface needs to know besides the body. */
export interface SurfaceRequest {
  body: JsonObject;
  model: string;
  behaviour: Behaviour;
  /** Makes ids unique and readable in a test's output. */
  sequence: number;
  /** Seconds since 1970. */
  created: number;
}

/** Marks every answer of this process, so that nobody takes it for a model's. */
export const systemFingerprint = 'fp_bonito_simulator';
