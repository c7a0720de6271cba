import type { ChatStop, ChatUsage, StopReason } from '../../../chat/chat-answer.ts';
import { type Extra, isObject, type JsonObject, takeExtra } from '../../../chat/wire.ts';
import { readOpenAiUsage } from '../../../metering/read-openai-usage.ts';
import { noteServed } from '../../../metering/served-as.ts';
import { WIRE } from './responses-wire.ts';

/** What a response says besides its output is for the most part what was asked: that is no part of the answer. */
const KNOWN = new Set([
  'id',
  'object',
  'created_at',
  'completed_at',
  'status',
  'error',
  'incomplete_details',
  'model',
  'output',
  'output_text',
  'usage',
  'service_tier',
  // Of tools that the provider runs, which clients of other wires cannot ask for.
  'tool_usage',
  // Repeated of the request.
  'access_programs',
  'background',
  'billing',
  'conversation',
  'frequency_penalty',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'parallel_tool_calls',
  'presence_penalty',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'store',
  'stream',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
]);

/** Why an answer is incomplete. A safe place to steer at is no end that clients of other wires know. */
const INCOMPLETE: Readonly<Record<string, StopReason>> = {
  max_output_tokens: 'length',
  max_tokens: 'length',
  length: 'length',
  content_filter: 'content_filter',
};

/** Which answer it is. */
export function readIdentity(response: JsonObject) {
  const { id, model, created_at: created } = response;
  return {
    id: typeof id === 'string' ? id : '',
    model: typeof model === 'string' ? model : '',
    // Some servers count in fractions.
    created: typeof created === 'number' ? Math.floor(created) : 0,
  };
}

/** OpenAI's two chat APIs have the tier in common: surfaces know it by the older one. */
export function readTier({ service_tier: tier }: JsonObject): Extra | undefined {
  return typeof tier === 'string' ? { wire: 'openai-chat', fields: { service_tier: tier } } : undefined;
}

/** What is neither of the answer nor repeated of the request. Members that say nothing are left out. */
export function readMore(response: JsonObject): Extra | undefined {
  const more = takeExtra(WIRE, response, KNOWN);
  const fields = Object.entries(more?.fields ?? {}).filter(([, value]) => value !== null);
  return fields.length === 0 ? undefined : { wire: WIRE, fields: Object.fromEntries(fields) };
}

/** Undefined when it holds no figures. */
export function readResponseUsage(response: JsonObject): ChatUsage | undefined {
  const counts = noteServed(readOpenAiUsage(response.usage), response.service_tier);
  return counts && { counts, original: { wire: WIRE, value: response.usage } };
}

/** @param called the output holds calls that the client is to make */
export function readResponseStop(response: JsonObject, called: boolean): ChatStop {
  const { status, incomplete_details: details } = response;
  const reason = isObject(details) ? details.reason : undefined;
  if (status === 'incomplete' || typeof reason === 'string') {
    const known =
      typeof reason === 'string' && Object.hasOwn(INCOMPLETE, reason) ? INCOMPLETE[reason] : 'other';
    return { reason: known ?? 'other', original: { wire: WIRE, value: reason ?? status } };
  }
  return { reason: called ? 'tool_calls' : 'end', original: { wire: WIRE, value: status ?? 'completed' } };
}

/** Log probabilities in the form of OpenAI's chat, which is the same and which surfaces know. */
export function chatLogprobs(content: readonly unknown[]): JsonObject {
  return { logprobs: { content, refusal: null } };
}
