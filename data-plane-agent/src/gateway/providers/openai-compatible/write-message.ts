import type {
  InputPart,
  OtherPart,
  OutputPart,
  ReasoningPart,
  TextPart,
  ToolCallPart,
} from '../../chat/chat-content.ts';
import type { AssistantMessage, ChatMessage, ToolMessage } from '../../chat/chat-request.ts';
import { wrapCustomInput } from '../../chat/custom-tools.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { suitedAnswer } from './answer-members.ts';
import { stateWithFormat } from './read-parts.ts';
import { REASONING_PARTS } from './reasoning-parts.ts';
import type { ServerTraits } from './server-traits.ts';
import { wireCallId, wireToolName } from './tool-names.ts';
import { writeContent, writeParts } from './write-content.ts';

/** Writes one message; undefined when the wire cannot express it, which is then noted. */
export function writeMessage(
  message: ChatMessage,
  path: string,
  dropped: DroppedFields,
  server: ServerTraits,
): unknown {
  if (message.role === 'other') return dropped.keepOriginal(message.original, path);
  if (message.role === 'assistant') return writeAssistant(message, path, dropped, server);
  if (message.role === 'tool') return writeToolMessage(message, path, dropped, server);
  const content = writeContent(message.content, `${path}.content`, dropped, server.cacheControl);
  const extra = dropped.keepExtra(message.extra, path);
  const role = message.role === 'developer' && !server.developerRole ? 'system' : message.role;
  return { role, content, ...writeName(message.name, path, dropped, server), ...extra };
}

/** A tool's answer. The wire takes text alone here; pictures and the like follow by `writeToolMedia`. */
function writeToolMessage(
  message: ToolMessage,
  path: string,
  dropped: DroppedFields,
  server: ServerTraits,
): JsonObject {
  const { toolCallId, content, cache } = message;
  // A failed tool can only say so in its words here.
  if (message.isError) dropped.add(`${path}.is_error`);
  const parts = content.filter((part) => !isMedia(part));
  const last = parts.at(-1);
  // The hint of the whole answer stands on its last part, where the server takes hints.
  const hinted = cache && server.cacheControl && last?.type === 'text' && !last.cache;
  if (cache && !hinted && !(last && 'cache' in last && last.cache)) dropped.add(`${path}.cache_control`);
  const written = hinted ? [...parts.slice(0, -1), { ...last, cache }] : parts;
  return {
    role: 'tool',
    tool_call_id: wireCallId(toolCallId, server.callIds),
    content: writeContent(written, `${path}.content`, dropped, server.cacheControl),
    ...dropped.keepExtra(message.extra, path),
  };
}

/** What tools answered besides text, as a user's words after the answers: the only place that this wire has for it. */
export function writeToolMedia(
  answers: readonly { readonly message: ToolMessage; readonly path: string }[],
  dropped: DroppedFields,
  server: ServerTraits,
): JsonObject | undefined {
  const content = answers.flatMap(({ message, path }): unknown[] => {
    const media = message.content.filter(isMedia);
    if (media.length === 0) return [];
    const parts = writeParts(media, `${path}.content`, dropped, server.cacheControl);
    const id = wireCallId(message.toolCallId, server.callIds);
    return parts.length === 0 ? [] : [{ type: 'text', text: `Output of tool call ${id}:` }, ...parts];
  });
  return content.length === 0 ? undefined : { role: 'user', content };
}

function isMedia(part: InputPart): boolean {
  return part.type === 'image' || part.type === 'audio' || part.type === 'file';
}

function writeName(name: string | undefined, path: string, dropped: DroppedFields, server: ServerTraits) {
  if (name === undefined) return {};
  if (!server.lacks.has('messages.name')) return { name };
  dropped.add(`${path}.name`);
  return {};
}

/**
 * The wire keeps the kinds apart, so their order among each other goes. A refusal that stands alone is the message's
 * `refusal`; content is null where only calls are. Undefined for a turn of which nothing is left: servers refuse one without
 * words and calls, as an agent has it that was stopped while the model thought.
 */
function writeAssistant(
  message: AssistantMessage,
  path: string,
  dropped: DroppedFields,
  server: ServerTraits,
): unknown {
  const reasons = REASONING_PARTS[server.reasoningField ?? ''];
  const said = message.content.filter(
    (part) => isContentPart(part) || (reasons !== undefined && part.type === 'reasoning'),
  );
  const refusals = message.content.filter((part) => part.type === 'refusal');
  const calls = writeToolCalls(message.content, path, dropped, server);
  const reasoning = reasons === undefined ? writeReasoning(message, path, dropped, server) : {};
  const audio = writeSpoken(message.content, path, dropped);
  const content = writeSaid(said, path, dropped, server);
  const beside = {
    ...audio,
    ...(refusals.length > 0 && { refusal: refusals.map((part) => part.text).join('') }),
    ...reasoning,
    ...(calls.length > 0 && { tool_calls: calls }),
    ...dropped.keepExtra(message.extra, path),
  };
  if (!content && Object.keys(beside).length === 0 && isLost(message)) return undefined;
  const name = writeName(message.name, path, dropped, server);
  const written = { role: 'assistant', content, ...beside, ...name };
  const noted: string[] = [];
  const suited = suitedAnswer(written, server, noted);
  for (const member of noted) dropped.add(`${path}.${member}`);
  return suited;
}

/** Held what this wire cannot say. A turn that was empty from the start stays. */
function isLost({ content }: AssistantMessage): boolean {
  return content.length > 0 && !content.some(({ type }) => type === 'text');
}

/** What was said, with the reasoning in its place where the server takes that as a part of the content. */
function writeSaid(
  parts: readonly OutputPart[],
  path: string,
  dropped: DroppedFields,
  server: ServerTraits,
): unknown {
  if (parts.length === 0) return null;
  const write = REASONING_PARTS[server.reasoningField ?? ''];
  const plain = parts.filter(isContentPart);
  if (write === undefined || plain.length === parts.length)
    return writeContent(plain, `${path}.content`, dropped, server.cacheControl);
  const written = parts.flatMap((part): unknown[] => {
    if (part.type === 'reasoning') return write(part, `${path}.reasoning`, dropped);
    return isContentPart(part) ? writeParts([part], `${path}.content`, dropped, server.cacheControl) : [];
  });
  return written.length === 0 ? null : written;
}

/** What the model said or drew before. OpenAI takes its own sounds back by their id; there is no place for others. */
function writeSpoken(parts: readonly OutputPart[], path: string, dropped: DroppedFields): JsonObject {
  let spoken: JsonObject = {};
  for (const part of parts) {
    if (part.type === 'text' && part.citations && part.citations.length > 0)
      dropped.add(`${path}.content.citations`);
    if (part.type !== 'audio' && part.type !== 'image') continue;
    const { id } = part.type === 'audio' ? dropped.keepExtra(part.extra, `${path}.audio`) : {};
    if (typeof id === 'string') spoken = { audio: { id } };
    else dropped.add(`${path}.${part.type}`);
  }
  return spoken;
}

function isContentPart(part: OutputPart): part is TextPart | OtherPart {
  if (part.type === 'text') return true;
  return part.type === 'other' && readToolCallOriginal(part) === undefined;
}

/** Calls of a kind that the neutral form has no words for (OpenAI's custom tools) are kept as `{tool_call}`. */
function readToolCallOriginal(part: OutputPart): unknown {
  if (part.type !== 'other' || part.original.wire !== 'openai-chat') return undefined;
  return isObject(part.original.value) ? part.original.value.tool_call : undefined;
}

function writeToolCalls(
  parts: readonly OutputPart[],
  path: string,
  dropped: DroppedFields,
  server: ServerTraits,
): unknown[] {
  const calls = parts.filter((part) => part.type === 'tool_call' || readToolCallOriginal(part) !== undefined);
  return calls.map((part, index) =>
    part.type === 'tool_call'
      ? writeToolCall(part, `${path}.tool_calls[${index}]`, dropped, server)
      : readToolCallOriginal(part),
  );
}

function writeToolCall(
  part: ToolCallPart,
  path: string,
  dropped: DroppedFields,
  server: ServerTraits,
): unknown {
  const id = wireCallId(part.id, server.callIds);
  const name = wireToolName(part);
  const extra = {
    ...dropped.keepExtra(part.extra, path),
    // Only a server that gave a signature gets one back: it is where Google's compatible endpoints have it.
    ...(part.signature && { extra_content: { google: { thought_signature: part.signature.value } } }),
  };
  if (part.cache) dropped.add(`${path}.cache_control`);
  if (part.custom && !server.lacks.has('tools.custom'))
    return { id, type: 'custom', custom: { name, input: part.arguments }, ...extra };
  // Servers that parse the text refuse an empty one.
  const plain = part.arguments === '' ? '{}' : part.arguments;
  const text = part.custom ? wrapCustomInput(part.arguments) : plain;
  return { id, type: 'function', function: { name, arguments: text }, ...extra };
}

/** Reasoning in the member that the server reads back. A signature has a place in OpenRouter's details alone. */
function writeReasoning(
  message: AssistantMessage,
  path: string,
  dropped: DroppedFields,
  server: ServerTraits,
): JsonObject {
  const parts = message.content.filter((part) => part.type === 'reasoning');
  if (parts.length === 0) return unthought(message, server);
  for (const part of parts) {
    dropped.keepExtra(part.extra, `${path}.reasoning`);
    if (server.reasoningDetails) continue;
    if (part.signature) dropped.add(`${path}.reasoning.signature`);
    if (part.encrypted) dropped.add(`${path}.reasoning.encrypted`);
  }
  const text = parts.map((part) => part.text).join('');
  if (server.reasoningDetails) {
    const details = withCallIds(parts.flatMap(writeDetails), message, server);
    return {
      ...(text !== '' && { reasoning: text }),
      ...(details.length > 0 && { reasoning_details: details }),
    };
  }
  if (server.reasoningField !== undefined) return { [server.reasoningField]: text };
  if (text !== '') dropped.add(`${path}.reasoning`);
  return {};
}

/** A server that thinks by itself (DeepSeek) refuses turns without the member while tools are used: "must be passed back". */
function unthought({ content }: AssistantMessage, { thinking, reasoningField }: ServerTraits): JsonObject {
  const speaks = content.some(({ type }) => type === 'text' || type === 'tool_call');
  return speaks && thinking === 'switch' && reasoningField !== undefined ? { [reasoningField]: '' } : {};
}

/** A detail that belongs to a call names it by the id that the call is sent with. */
function withCallIds(
  details: JsonObject[],
  { content }: AssistantMessage,
  server: ServerTraits,
): JsonObject[] {
  return details.map((detail) => {
    const call = content.find((part) => part.type === 'tool_call' && part.id === detail.id);
    return call?.type === 'tool_call' ? { ...detail, id: wireCallId(call.id, server.callIds) } : detail;
  });
}

function writeDetails(part: ReasoningPart): JsonObject[] {
  const { text, signature, encrypted, summary } = part;
  const id = part.id === undefined ? {} : { id: part.id };
  const details: JsonObject[] = [];
  if (signature) {
    const { value, ...format } = stateWithFormat(signature);
    details.push({ type: 'reasoning.text', text, signature: value, ...format, ...id });
  } else if (text !== '') {
    details.push(
      summary ? { type: 'reasoning.summary', summary: text, ...id } : { type: 'reasoning.text', text, ...id },
    );
  }
  if (encrypted) {
    const { value, ...format } = stateWithFormat(encrypted);
    details.push({ type: 'reasoning.encrypted', data: value, ...format, ...id });
  }
  return details;
}
