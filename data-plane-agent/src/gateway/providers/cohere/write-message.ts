import type {
  CacheHint,
  InputPart,
  MediaSource,
  OtherPart,
  OutputPart,
  TextPart,
} from '../../chat/chat-content.ts';
import type { AssistantMessage, ChatMessage, ToolMessage } from '../../chat/chat-request.ts';
import { wrapCustomInput } from '../../chat/custom-tools.ts';
import { writeMediaUrl } from '../../chat/data-url.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { wireToolName } from './tool-names.ts';

/** Writes one message; undefined when the wire cannot express it, which is then noted. */
export function writeMessage(message: ChatMessage, path: string, dropped: DroppedFields): unknown {
  if (message.role === 'other') return dropped.keepOriginal(message.original, path);
  const extra = dropped.keepExtra(message.extra, path);
  if (message.role === 'tool') return { ...writeTool(message, path, dropped), ...extra };
  if (message.name !== undefined) dropped.add(`${path}.name`);
  if (message.role === 'assistant') return { ...writeAssistant(message, path, dropped), ...extra };
  const role = message.role === 'user' ? 'user' : 'system';
  return { role, content: writeContent(message.content, `${path}.content`, dropped), ...extra };
}

/** A tool's answer: text alone. */
function writeTool(message: ToolMessage, path: string, dropped: DroppedFields): JsonObject {
  if (message.isError) dropped.add(`${path}.is_error`);
  noteCache(message.cache, path, dropped);
  const inside = `${path}.content`;
  const kept = message.content.map((part, index) => {
    if (part.type !== 'image') return writePart(part, `${inside}[${index}]`, dropped);
    dropped.add(`${inside}[${index}]`);
    return undefined;
  });
  return { role: 'tool', tool_call_id: message.toolCallId, content: textOrList(message.content, kept) };
}

/** What is said beside calls is the `tool_plan`, which is where the model itself says it. */
function writeAssistant(message: AssistantMessage, path: string, dropped: DroppedFields): JsonObject {
  const content: unknown[] = [];
  const calls: unknown[] = [];
  const calling = message.content.some((part) => part.type === 'tool_call');
  let plan = '';
  message.content.forEach((part, index) => {
    const at = `${path}.content[${index}]`;
    if (part.type === 'tool_call') calls.push(writeCall(part, at, dropped));
    else if (part.type === 'reasoning') {
      dropped.keepExtra(part.extra, at);
      if (part.text !== '') content.push({ type: 'thinking', thinking: part.text });
      else if (part.encrypted) dropped.add(at);
    } else if (calling && (part.type === 'text' || part.type === 'refusal')) {
      plan += part.text;
      if (part.type === 'text') noteText(part, at, dropped);
    } else {
      const written = writePart(part, at, dropped);
      if (written !== undefined) content.push(written);
    }
  });
  const [only] = message.content;
  const plain = message.content.length === 1 && only?.type === 'text' && !calling ? only.text : undefined;
  return {
    role: 'assistant',
    ...(plan !== '' && { tool_plan: plan }),
    ...(calls.length > 0 && { tool_calls: calls }),
    // Without calls there has to be some content.
    ...((content.length > 0 || calls.length === 0) && {
      content: plain ?? (content.length > 0 ? content : ''),
    }),
  };
}

function writeCall(
  part: Extract<OutputPart, { type: 'tool_call' }>,
  path: string,
  dropped: DroppedFields,
): JsonObject {
  noteCache(part.cache, path, dropped);
  const plain = part.arguments === '' ? '{}' : part.arguments;
  return {
    id: part.id,
    type: 'function',
    function: { name: wireToolName(part), arguments: part.custom ? wrapCustomInput(part.arguments) : plain },
    ...dropped.keepExtra(part.extra, path),
  };
}

function writeContent(
  parts: readonly (InputPart | TextPart | OtherPart)[],
  path: string,
  dropped: DroppedFields,
): unknown {
  return textOrList(
    parts,
    parts.map((part, index) => writePart(part, `${path}[${index}]`, dropped)),
  );
}

/** A string for one plain text, and for nothing. */
function textOrList(parts: readonly { readonly type: string }[], written: readonly unknown[]): unknown {
  const kept = written.filter((part) => part !== undefined);
  if (kept.length === 0) return '';
  const [only] = parts;
  return parts.length === 1 && only?.type === 'text' && 'text' in only ? only.text : kept;
}

/** Writes one part; undefined when the wire cannot express it, which is then noted under `path`. */
function writePart(part: InputPart | OutputPart, path: string, dropped: DroppedFields): unknown {
  switch (part.type) {
    case 'text':
      noteText(part, path, dropped);
      return { type: 'text', text: part.text };
    case 'refusal':
      return { type: 'text', text: part.text };
    case 'image': {
      noteCache(part.cache, path, dropped);
      dropped.keepExtra(part.extra, path);
      const url = writeMediaUrl(part.source);
      if (url === undefined) break;
      return {
        type: 'image_url',
        image_url: { url, ...(part.detail !== undefined && { detail: part.detail }) },
      };
    }
    case 'file': {
      const text = plainText(part.source);
      if (text === undefined) break;
      noteCache(part.cache, path, dropped);
      dropped.keepExtra(part.extra, path);
      if (part.name !== undefined) dropped.add(`${path}.name`);
      return { type: 'text', text };
    }
    case 'other':
      return dropped.keepOriginal(part.original, path);
    default:
  }
  dropped.add(path);
  return undefined;
}

/** A document's words, where it is made of words alone. */
function plainText(source: MediaSource): string | undefined {
  if (source.kind === 'text') return source.text;
  if (source.kind !== 'base64' || !source.mediaType.startsWith('text/')) return undefined;
  return Buffer.from(source.data, 'base64').toString('utf8');
}

function noteText(part: TextPart, path: string, dropped: DroppedFields): void {
  noteCache(part.cache, path, dropped);
  dropped.keepExtra(part.extra, path);
  if (part.citations && part.citations.length > 0) dropped.add(`${path}.citations`);
}

/** Cohere caches prompts by itself. */
function noteCache(cache: CacheHint | undefined, path: string, dropped: DroppedFields): void {
  if (cache) dropped.add(`${path}.cache_control`);
}
