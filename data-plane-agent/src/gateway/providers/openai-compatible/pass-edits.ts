import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { PassEdits, PassInput } from '../provider-kind.ts';
import { suitedAnswer } from './answer-members.ts';
import { ADDED_TURN, bridgeToolAnswers } from './bridge-tool-answers.ts';
import type { ServerTraits } from './server-traits.ts';
import { wireCallId } from './tool-names.ts';

const NO_EDITS: PassEdits = { edits: {}, dropped: [] };

/**
 * What changes in a chat of the same wire on its way to a server: the model's name as the server knows it; the usage chunk
 * where the client did not ask for it; and what the server knows by another name, takes in another form, or refuses though
 * clients hand it back as they got it.
 *
 * @param lacksUsage the server refuses `stream_options`; what it says of usage it says unasked
 */
export function passEdits(
  input: PassInput,
  model: string,
  server: ServerTraits,
  lacksUsage: boolean,
): PassEdits {
  const { body, stream } = input;
  const edits: Record<string, unknown> = renamed(body, server);
  if (body.model !== model) edits.model = model;
  const dropped: string[] = [];
  const messages = suitedMessages(body.messages, server, dropped);
  if (messages) edits.messages = messages;
  const refused = server.lacks.has('stream_options') && body.stream_options !== undefined;
  if (refused) {
    edits.stream_options = undefined;
    dropped.push('stream_options');
  }
  const options = isObject(body.stream_options) ? body.stream_options : undefined;
  if (stream && !lacksUsage && options?.include_usage !== true)
    edits.stream_options = { ...options, include_usage: true };
  return Object.keys(edits).length === 0 ? NO_EDITS : { edits, dropped };
}

/** Members that the server knows by another name. */
function renamed(body: JsonObject, server: ServerTraits): Record<string, unknown> {
  const edits: Record<string, unknown> = {};
  const { max_completion_tokens: limit, max_tokens: older, seed } = body;
  if (server.oneLimitName && limit !== undefined && older === undefined) {
    edits.max_tokens = limit;
    edits.max_completion_tokens = undefined;
  }
  if (server.seedField !== 'seed' && seed !== undefined && body[server.seedField] === undefined) {
    edits[server.seedField] = seed;
    edits.seed = undefined;
  }
  return edits;
}

/** Messages in the form that the server takes; undefined when all are. */
function suitedMessages(
  messages: unknown,
  server: ServerTraits,
  dropped: string[],
): readonly unknown[] | undefined {
  const { developerRole, callIds, userAfterTool, strictMessages } = server;
  if (developerRole && callIds === 'any' && userAfterTool && !strictMessages) return undefined;
  if (!Array.isArray(messages)) return undefined;
  let changed = false;
  const suited = messages.map((message: unknown, index) => {
    if (!isObject(message)) return message;
    const noted: string[] = [];
    const known = suitedAnswer(withKnownRole(message, server), server, noted);
    for (const name of noted) dropped.push(`messages[${index}].${name}`);
    const one = withSuitedIds(known, server);
    changed ||= one !== message;
    return one;
  });
  const bridged = userAfterTool ? suited : bridgeToolAnswers(suited);
  if (bridged !== suited) dropped.push(ADDED_TURN);
  return changed || bridged !== suited ? bridged : undefined;
}

function withKnownRole(message: JsonObject, server: ServerTraits): JsonObject {
  return message.role === 'developer' && !server.developerRole ? { ...message, role: 'system' } : message;
}

/** Ids of calls that another provider made, as a conversation that moved here has them. */
function withSuitedIds(message: JsonObject, { callIds }: ServerTraits): JsonObject {
  if (callIds === 'any') return message;
  const { tool_call_id: answered, tool_calls: calls } = message;
  if (typeof answered === 'string') {
    const id = wireCallId(answered, callIds);
    return id === answered ? message : { ...message, tool_call_id: id };
  }
  if (!Array.isArray(calls)) return message;
  const suited = calls.map((call: unknown) => {
    if (!isObject(call) || typeof call.id !== 'string') return call;
    const id = wireCallId(call.id, callIds);
    return id === call.id ? call : { ...call, id };
  });
  return suited.some((call, index) => call !== calls[index]) ? { ...message, tool_calls: suited } : message;
}
