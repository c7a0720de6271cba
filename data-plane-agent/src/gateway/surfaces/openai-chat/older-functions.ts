import { isObject, type JsonObject } from '../../chat/wire.ts';

/** Whether a request declares `functions`, which is how OpenAI's API had tools before there could be several calls. */
export function declaresFunctions(body: JsonObject): boolean {
  return Array.isArray(body.functions) && body.functions.length > 0 && body.tools === undefined;
}

/**
 * The same request with tools (OpenAI's API reference, "Create chat completion", `functions` and `function_call`, both
 * deprecated). Ids of calls, which the older form has none of, are made from their places: the same each time.
 */
export function withTools(body: JsonObject): JsonObject {
  const { functions, function_call: choice, ...rest } = body;
  const tools = Array.isArray(functions) ? functions : [];
  return {
    ...rest,
    tools: tools.map((definition: unknown) => ({ type: 'function', function: definition })),
    ...(choice !== undefined && {
      tool_choice: isObject(choice) ? { type: 'function', function: choice } : choice,
    }),
    messages: Array.isArray(body.messages) ? withToolMessages(body.messages) : body.messages,
  };
}

function withToolMessages(messages: readonly unknown[]): unknown[] {
  let last = '';
  return messages.map((message, index) => {
    if (!isObject(message)) return message;
    if (message.role === 'assistant' && isObject(message.function_call)) {
      const { function_call: called, ...rest } = message;
      last = `call_${index}`;
      return { ...rest, tool_calls: [{ id: last, type: 'function', function: called }] };
    }
    if (message.role !== 'function' || last === '') return message;
    return { role: 'tool', tool_call_id: last, content: message.content };
  });
}

/** A message of an answer in the older form: one call. `more`: there were others, which it has no place for. */
export function withFunctionCall(message: JsonObject): { message: JsonObject; more: boolean } {
  const { tool_calls: calls, ...rest } = message;
  if (!Array.isArray(calls)) return { message, more: false };
  const [first] = calls;
  const called = isObject(first) && isObject(first.function) ? { function_call: first.function } : {};
  return { message: { ...rest, ...called }, more: calls.length > 1 };
}

/** `finish_reason` in the older form. */
export function olderReason(reason: unknown): unknown {
  return reason === 'tool_calls' ? 'function_call' : reason;
}
