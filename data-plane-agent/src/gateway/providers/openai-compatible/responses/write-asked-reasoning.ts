import type { ChatRequest, Reasoning } from '../../../chat/chat-request.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { effortOfThinking } from '../write-request.ts';
import type { ResponsesServer } from './responses-wire.ts';

const LOGPROBS = 'message.output_text.logprobs';
const ENCRYPTED = 'reasoning.encrypted_content';
/** Words for how much to think that ask for none of it. */
const NO_EFFORT: ReadonlySet<string | undefined> = new Set(['none', 'minimal']);

/** Encrypted reasoning comes only where it is asked for, and models that do not reason refuse to be asked. */
export function writeInclude(
  request: ChatRequest,
  own: unknown,
  dropped: DroppedFields,
  server: ResponsesServer,
): readonly unknown[] {
  const include: unknown[] = Array.isArray(own) ? [...own] : [];
  if (request.sampling.logprobs) {
    if (server.lacks.has('logprobs')) dropped.add('logprobs');
    else include.push(LOGPROBS);
  }
  const { reasoning, messages } = request;
  const thinks = reasoning !== undefined && reasoning.mode !== 'disabled' && reasoning.effort !== 'none';
  if (thinks || messages.some(holdsState)) include.push(ENCRYPTED);
  return include;
}

function holdsState(message: ChatRequest['messages'][number]): boolean {
  return (
    message.role === 'assistant' &&
    message.content.some((part) => part.type === 'reasoning' && part.encrypted !== undefined)
  );
}

/**
 * How much to think. Nothing of it is shown unless a summary is asked for, and clients of other wires expect to see some;
 * those that want none say so.
 */
export function writeAskedReasoning(
  reasoning: Reasoning | undefined,
  own: unknown,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  const { mode, budgetTokens, summary } = reasoning ?? {};
  const effort = reasoning && effortOfThinking(reasoning, dropped);
  const written: Record<string, unknown> = isObject(own) ? { ...own } : {};
  if (effort !== undefined && server.lacks.has('reasoning_effort')) dropped.add('reasoning.effort');
  else if (effort !== undefined) written.effort = effort;
  if (mode === 'disabled' && effort === undefined) dropped.add('reasoning.mode');
  if (budgetTokens !== undefined) dropped.add('reasoning.budget_tokens');
  const shows = reasoning !== undefined && mode !== 'disabled' && !NO_EFFORT.has(effort);
  const asked = summary ?? (shows ? 'auto' : undefined);
  if (asked !== undefined && asked !== 'none') written.summary = asked;
  return Object.keys(written).length === 0 ? {} : { reasoning: written };
}
