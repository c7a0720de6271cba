import type { OutputPart } from '../../chat/chat-content.ts';
import type { AssistantMessage, ChatMessage } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { readField, requireField, requireObject } from '../read-field.ts';
import { readContent, readInputPart, readTextPart } from './read-content.ts';
import { readReasoningDetails } from './reasoning-details.ts';

const WIRE = 'openai-chat';
const FIELDS = new Set(['role', 'content', 'name']);
const TOOL_FIELDS = new Set(['role', 'content', 'tool_call_id']);
const ASSISTANT_FIELDS = new Set([...FIELDS, 'refusal', 'tool_calls', 'reasoning_content']);
const ASSISTANT_WITH_REASONING = new Set([...ASSISTANT_FIELDS, 'reasoning']);
const ASSISTANT_WITH_DETAILS = new Set([...ASSISTANT_WITH_REASONING, 'reasoning_details']);
// A call of a stream that was put together has its number still; its place says the same.
const CALL_FIELDS = new Set(['id', 'type', 'function', 'index']);
const CUSTOM_CALL_FIELDS = new Set(['id', 'type', 'custom', 'index']);

/**
 * Reads one message. A role that is not known, `function` among them, stays as it is.
 *
 * @throws GatewayError `invalid_type`, `missing_required_parameter`
 */
export function readMessage(value: unknown, path: string): ChatMessage {
  const message = requireObject(value, path);
  const role = requireField(message, 'role', 'string', `${path}.`);
  const contentPath = `${path}.content`;
  switch (role) {
    case 'system':
    case 'developer':
      return {
        role,
        content: readContent(message.content, readTextPart, contentPath),
        ...named(message, path),
      };
    case 'user':
      return {
        role,
        content: readContent(message.content, readInputPart, contentPath),
        ...named(message, path),
      };
    case 'assistant':
      return readAssistant(message, path);
    case 'tool':
      return {
        role,
        toolCallId: requireField(message, 'tool_call_id', 'string', `${path}.`),
        content: readContent(message.content, readInputPart, contentPath),
        extra: takeExtra(WIRE, message, TOOL_FIELDS),
      };
    default:
      return { role: 'other', original: { wire: WIRE, value: message } };
  }
}

function named(message: JsonObject, path: string) {
  return { name: readField(message, 'name', 'string', `${path}.`), extra: takeExtra(WIRE, message, FIELDS) };
}

/** OpenAI keeps the kinds apart; the neutral order is reasoning, text, refusal, calls. */
function readAssistant(message: JsonObject, path: string): AssistantMessage {
  const inside = `${path}.`;
  const reasoning = readReasoningText(message, inside);
  const refusal = readField(message, 'refusal', 'string', inside);
  const calls = readField(message, 'tool_calls', 'array', inside) ?? [];
  const content: OutputPart[] = [];
  const found = readReasoningDetails(message.reasoning_details);
  // The details say the same as the text, and more; an empty list says nothing.
  const details = found?.length === 0 ? undefined : found;
  if (details) content.push(...details);
  else if (reasoning !== undefined) content.push({ type: 'reasoning', text: reasoning.text });
  content.push(...readContent(message.content, readAssistantPart, `${path}.content`));
  if (refusal !== undefined) content.push({ type: 'refusal', text: refusal });
  calls.forEach((call, index) => {
    content.push(readToolCall(call, `${path}.tool_calls[${index}]`));
  });
  return {
    role: 'assistant',
    content,
    name: readField(message, 'name', 'string', inside),
    extra: takeExtra(
      WIRE,
      message,
      details ? ASSISTANT_WITH_DETAILS : (reasoning?.taken ?? ASSISTANT_FIELDS),
    ),
  };
}

/** Clients hand reasoning back under the name that they got it by: DeepSeek's and vLLM's, or OpenRouter's and Groq's. */
function readReasoningText(message: JsonObject, path: string) {
  const text = readField(message, 'reasoning_content', 'string', path);
  if (text !== undefined) return { text, taken: ASSISTANT_FIELDS };
  return typeof message.reasoning === 'string'
    ? { text: message.reasoning, taken: ASSISTANT_WITH_REASONING }
    : undefined;
}

function readAssistantPart(value: unknown, path: string): OutputPart {
  const part = readTextPart(value, path);
  const wire = part.type === 'other' ? part.original.value : undefined;
  if (!isObject(wire) || wire.type !== 'refusal' || typeof wire.refusal !== 'string') return part;
  return Object.keys(wire).length === 2 ? { type: 'refusal', text: wire.refusal } : part;
}

function readToolCall(value: unknown, path: string): OutputPart {
  const call = requireObject(value, path);
  const custom = readCustomCall(call);
  if (custom) return custom;
  const called = call.function;
  if (
    isObject(called) &&
    typeof call.id === 'string' &&
    typeof called.name === 'string' &&
    typeof called.arguments === 'string' &&
    Object.keys(called).length === 2
  ) {
    const extra = takeExtra(WIRE, call, CALL_FIELDS);
    return { type: 'tool_call', id: call.id, name: called.name, arguments: called.arguments, extra };
  }
  return { type: 'other', original: { wire: WIRE, value: { tool_call: call } } };
}

/** A call of a tool that takes free text: `{"id","type":"custom","custom":{"name","input"}}`. */
function readCustomCall(call: JsonObject): OutputPart | undefined {
  const { id, type, custom } = call;
  if (type !== 'custom' || typeof id !== 'string' || !isObject(custom)) return undefined;
  const { name, input } = custom;
  if (typeof name !== 'string' || typeof input !== 'string' || Object.keys(custom).length !== 2)
    return undefined;
  const extra = takeExtra(WIRE, call, CUSTOM_CALL_FIELDS);
  return { type: 'tool_call', id, name, arguments: input, custom: true, extra };
}
