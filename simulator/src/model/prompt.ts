import { countTokens } from './count-tokens.ts';
import type { CacheUnit } from './prompt-cache.ts';

/** A picture, sound or document of a request. */
export interface PromptMedia {
  mediaType: string;
  /** Decoded bytes; 0 for an address. */
  bytes: number;
  /** An address that a provider would fetch. */
  url?: string;
}

/** One message, system block or tool result in no one's language. */
export interface Turn {
  role: 'system' | 'user' | 'assistant' | 'tool';
  texts: string[];
  media: PromptMedia[];
}

export interface PromptTool {
  name: string;
  /** JSON schema of the arguments. */
  schema: unknown;
  /** Takes free text instead of JSON. */
  custom?: boolean;
}

export type ToolChoice = 'auto' | 'none' | 'required' | { name: string };

/** What the simulated model understands of a request, the same on every wire. */
export interface Prompt {
  turns: Turn[];
  tools: PromptTool[];
  toolChoice: ToolChoice;
  /** Most output tokens of each choice. */
  limit?: number | undefined;
  choices?: number;
  stops?: string[];
  /** JSON is wanted; `schema` is absent where any will do. */
  json?: { schema?: unknown } | undefined;
  /** The caller asked to reason. */
  thinks?: boolean;
  /** Marked by the caller; absent where the wire has no marks. */
  cacheUnits?: CacheUnit[];
}

/** Tokens of the turns: one a turn, its text by words, and 100 for each medium. */
export function countTurnTokens(turns: readonly Turn[]): number {
  return turns.reduce((sum, turn) => sum + countTurn(turn), 0);
}

export function countTurn({ texts, media }: Turn): number {
  return 1 + texts.reduce((sum, text) => sum + countTokens(text), 0) + media.length * tokensForMedium;
}

export const tokensForMedium = 100;

/** The text of the last user turn, parts joined; empty when there is none. */
export function lastUserText(turns: readonly Turn[]): string {
  return turns.findLast(({ role }) => role === 'user')?.texts.join('') ?? '';
}

/** A medium given as base64. */
export function mediaOfBase64(mediaType: unknown, data: unknown): PromptMedia {
  return { mediaType: String(mediaType ?? ''), bytes: Buffer.from(String(data ?? ''), 'base64').length };
}

/** A medium given as an address; the bytes of `data:` addresses are in themselves. */
export function mediaOfUrl(url: string): PromptMedia {
  const data = /^data:([^;,]*)[^,]*,(.*)$/s.exec(url);
  if (data) return mediaOfBase64(data[1], data[2]);
  return { mediaType: '', bytes: 0, url };
}
