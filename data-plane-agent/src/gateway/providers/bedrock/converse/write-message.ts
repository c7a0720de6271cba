import type { ChatMessage, ToolMessage } from '../../../chat/chat-request.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import type { ResultMedia } from './family-traits.ts';
import { wireCallId } from './tool-names.ts';
import { writeAnswer } from './write-answer.ts';
import { NOTHING, pushBlock, type WriteContext, writeInput } from './write-blocks.ts';

/** A message of the wire, while it is written. */
export interface WireMessage {
  readonly role: string;
  readonly content: JsonObject[];
}

/** Writes one message that is no instruction; undefined when nothing of it is left. */
export function writeMessage(
  message: ChatMessage,
  path: string,
  context: WriteContext,
): WireMessage | undefined {
  const { dropped } = context;
  if (message.role === 'other') {
    const original = dropped.keepOriginal(message.original, path);
    return isObject(original) && Array.isArray(original.content)
      ? { role: String(original.role), content: [...original.content] }
      : undefined;
  }
  dropped.keepExtra(message.extra, path);
  if (message.role === 'tool') return { role: 'user', content: writeToolResult(message, path, context) };
  if (message.name !== undefined) dropped.add(`${path}.name`);
  const content = message.role === 'assistant' ? writeAnswer(message, path, context) : [];
  if (message.role === 'user') {
    message.content.forEach((part, index) => {
      const at = `${path}.content[${index}]`;
      pushBlock(
        content,
        writeInput(part, at, context),
        'cache' in part ? part.cache : undefined,
        at,
        context,
      );
    });
    if (content.length === 0) dropped.add(path);
    // Bedrock wants words beside a document.
    const wordless = content.some((block) => block.document) && !content.some((block) => block.text);
    if (wordless) content.unshift(NOTHING);
  }
  return content.length === 0 ? undefined : { role: message.role, content };
}

/** A cache hint inside of a result stands behind the result, which is the same place if its part is the last one. */
function writeToolResult(message: ToolMessage, path: string, context: WriteContext): JsonObject[] {
  const { dropped, traits } = context;
  const id = wireCallId(message.toolCallId, traits);
  const content: JsonObject[] = [];
  const moved: JsonObject[] = [];
  let cache = message.cache;
  message.content.forEach((part, index) => {
    const at = `${path}.content[${index}]`;
    const block = part.type === 'audio' ? undefined : writeInput(part, at, context);
    if (part.type === 'audio') dropped.add(at);
    if (block && mayStandInResult(block, context)) content.push(block);
    else if (block) moved.push({ text: `Output of tool call ${id}:` }, block);
    if (part.type === 'other' || part.cache === undefined) return;
    if (index === message.content.length - 1) cache ??= part.cache;
    else dropped.add(`${at}.cache_control`);
  });
  if (content.length === 0 && moved.length > 0) content.push(NOTHING);
  context.afterResults.push(...moved);
  if (message.isError && !traits.toolStatus) dropped.add(`${path}.is_error`);
  const status = message.isError && traits.toolStatus ? { status: 'error' } : {};
  const blocks: JsonObject[] = [];
  const result = { toolResult: { toolUseId: id, content, ...status } };
  pushBlock(blocks, result, cache, path, context);
  return blocks;
}

/** Media that it may not hold are said behind the results, as the user's own. */
function mayStandInResult({ image, video, document }: JsonObject, { traits }: WriteContext): boolean {
  const kinds: ResultMedia[] = [];
  if (image) kinds.push('image');
  if (video) kinds.push('video');
  if (document) kinds.push('document');
  if (isObject(document) && PLAIN_DOCUMENTS.has(document.format)) kinds.push('plain-document');
  return kinds.length === 0 || kinds.some((kind) => traits.inResults.includes(kind));
}

const PLAIN_DOCUMENTS: ReadonlySet<unknown> = new Set(['csv', 'html', 'md', 'txt']);
