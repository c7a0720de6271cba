import { createHash } from 'node:crypto';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { fitName, renamedTools, type ToolName, wholeToolName } from '../tool-names.ts';

/** What OpenAI takes as a function's name (API reference, "function.name"). Anthropic's clients use up to 128 letters. */
const FORM = { taken: /^[a-zA-Z0-9_-]{1,64}$/, refused: /[^a-zA-Z0-9_-]/g, longest: 64 };
/** OpenAI refuses longer ids of calls. */
const LONGEST_ID = 40;
/** Mistral: "Tool call id … must be a-z, A-Z, 0-9, with a length of 9." */
const MISTRAL_ID = /^[a-zA-Z0-9]{9}$/;

export type { ToolName } from '../tool-names.ts';

/** A tool's name as this wire takes it, the same each time, with its group in it, as the wire has none. */
export function wireToolName(tool: ToolName): string {
  return fitName(wholeToolName(tool), FORM);
}

/** The client's names for those that had to change; undefined when none had to, as nearly always. */
export function changedToolNames(
  request: ChatRequest | undefined,
): ReadonlyMap<string, ToolName> | undefined {
  const renamed = renamedTools(request?.tools ?? [], wireToolName);
  return renamed.size > 0 ? renamed : undefined;
}

/** A call's id as the server takes it: the same for the call and its answer, the same each time. */
export function wireCallId(id: string, form: 'any' | 'nine_alphanumeric'): string {
  if (form === 'nine_alphanumeric') return MISTRAL_ID.test(id) ? id : hash(id).slice(0, 9);
  return id.length <= LONGEST_ID ? id : `call_${hash(id).slice(0, 32)}`;
}

/** An id for a call that the server gave none: clients send it back with the tool's answer. */
export function madeCallId(answerId: string, choice: number, call: number): string {
  const answer = answerId.replace(/[^a-zA-Z0-9]/g, '').slice(-20);
  return `call_${answer}_${choice}_${call}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
