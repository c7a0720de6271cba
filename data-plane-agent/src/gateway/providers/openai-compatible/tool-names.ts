import { createHash } from 'node:crypto';
import type { ChatRequest } from '../../chat/chat-request.ts';

/** What OpenAI takes as a function's name (API reference, "function.name"). Anthropic's clients use up to 128 letters. */
const WIRE_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const LONGEST = 64;
const HASH_LENGTH = 8;
/** OpenAI refuses longer ids of calls. */
const LONGEST_ID = 40;
/** Mistral: "Tool call id … must be a-z, A-Z, 0-9, with a length of 9." */
const MISTRAL_ID = /^[a-zA-Z0-9]{9}$/;

/** A tool's name and group as the client has them. */
export interface ToolName {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/**
 * A tool's name as this wire takes it, the same each time. The wire has no groups, so that the group becomes part of the
 * name. What does not fit is cut and marked with a hash, so that two long names stay apart.
 */
export function wireToolName({ name, namespace }: ToolName): string {
  const whole = namespace === undefined ? name : `${namespace}__${name}`;
  if (WIRE_NAME.test(whole)) return whole;
  const readable = whole.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST - HASH_LENGTH - 1);
  return `${readable}_${hash(whole).slice(0, HASH_LENGTH)}`;
}

/** The client's names for those that had to change; undefined when none had to, as nearly always. */
export function changedToolNames(
  request: ChatRequest | undefined,
): ReadonlyMap<string, ToolName> | undefined {
  let changed: Map<string, ToolName> | undefined;
  for (const tool of request?.tools ?? []) {
    if (tool.type === 'other') continue;
    const written = wireToolName(tool);
    if (written === tool.name && tool.namespace === undefined) continue;
    changed ??= new Map();
    const { name, namespace } = tool;
    changed.set(written, { name, ...(namespace !== undefined && { namespace }) });
  }
  return changed;
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
