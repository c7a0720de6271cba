import type { ChatAnswer, ChatChoice } from '../../chat/chat-answer.ts';
import type { Citation, ImagePart, OutputPart, ToolCallPart } from '../../chat/chat-content.ts';
import { restoreCustomCall } from '../../chat/custom-tools.ts';
import { writeMediaUrl } from '../../chat/data-url.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { nextThought } from './next-thought.ts';
import { olderReason, withFunctionCall } from './older-functions.ts';
import { writeReasoningDetails } from './reasoning-details.ts';
import { writeStop } from './write-stop.ts';
import { writeUsage } from './write-usage.ts';

/** Writes a whole answer as `chat.completion`, with the paths of what the wire cannot express. */
export function writeAnswer(
  answer: ChatAnswer,
  customNames: ReadonlySet<string> = NO_NAMES,
  olderFunctions = false,
): Written<JsonObject> {
  const dropped = new DroppedFields('openai-chat');
  const value = {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: answer.choices.map((choice, index) =>
      writeChoice(restoreCustomCalls(choice, customNames), `choices[${index}]`, dropped, olderFunctions),
    ),
    ...(answer.usage && { usage: writeUsage(answer.usage) }),
    ...dropped.keepExtra(answer.extra, ''),
  };
  return { value, dropped: dropped.names };
}

const NO_NAMES: ReadonlySet<string> = new Set();

function restoreCustomCalls(choice: ChatChoice, names: ReadonlySet<string>): ChatChoice {
  if (names.size === 0) return choice;
  return { ...choice, content: choice.content.map((part) => restoreCustomCall(part, names)) };
}

function writeChoice(
  choice: ChatChoice,
  path: string,
  dropped: DroppedFields,
  olderFunctions: boolean,
): unknown {
  const message = writeMessage(choice, `${path}.message`, dropped);
  const reason = choice.stop ? writeStop(choice.stop, `${path}.finish_reason`, dropped) : null;
  const extra = dropped.keepExtra(choice.extra, path);
  if (!olderFunctions) return { index: choice.index, message, finish_reason: reason, ...extra };
  const older = withFunctionCall(message);
  if (older.more) dropped.add(`${path}.message.tool_calls`);
  return { index: choice.index, message: older.message, finish_reason: olderReason(reason), ...extra };
}

/** Text parts run together, since the wire has one string; so do refusals. */
function writeMessage(choice: ChatChoice, path: string, dropped: DroppedFields): JsonObject {
  const reasoning = joinReasoning(choice.content);
  const calls = choice.content.flatMap((part) => writeToolCall(part, path, dropped));
  const details = choice.content.flatMap((part) =>
    part.type === 'reasoning' ? writeReasoningDetails(part) : [],
  );
  const annotations = writeAnnotations(choice.content);
  const images = choice.content.flatMap((part) => (part.type === 'image' ? writeImage(part) : []));
  for (const part of choice.content) noteExtras(part, path, dropped);
  return {
    role: 'assistant',
    content: joinText(choice.content, 'text') ?? null,
    refusal: joinText(choice.content, 'refusal') ?? null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(annotations.length > 0 && { annotations }),
    ...writeAudio(choice.content),
    ...(images.length > 0 && { images }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...dropped.keepExtra(choice.messageExtra, path),
  };
}

function joinText(parts: readonly OutputPart[], type: 'text' | 'refusal'): string | undefined {
  const texts = parts.flatMap((part) => (part.type === type && 'text' in part ? [part.text] : []));
  return texts.length === 0 ? undefined : texts.join('');
}

/** Thoughts are paragraphs to who reads them. */
function joinReasoning(parts: readonly OutputPart[]): string {
  return parts.reduce(
    (joined, part) => (part.type === 'reasoning' ? joined + nextThought(joined, part.text) : joined),
    '',
  );
}

function writeToolCall(part: OutputPart, path: string, dropped: DroppedFields): unknown[] {
  if (part.type === 'tool_call')
    return [{ ...callOf(part), ...dropped.keepExtra(part.extra, `${path}.tool_calls`) }];
  if (part.type !== 'other') return [];
  const original = dropped.keepOriginal(part.original, `${path}.content`);
  return isObject(original) && original.tool_call !== undefined ? [original.tool_call] : [];
}

function callOf(part: ToolCallPart): JsonObject {
  const { id, name } = part;
  if (part.custom) return { id, type: 'custom', custom: { name, input: part.arguments } };
  // A call without arguments is an empty object to clients that parse.
  return {
    id,
    type: 'function',
    function: { name, arguments: part.arguments === '' ? '{}' : part.arguments },
  };
}

/** OpenAI's audio answers: base64 and what is said. */
function writeAudio(parts: readonly OutputPart[]): JsonObject {
  const part = parts.find((one) => one.type === 'audio');
  if (part?.type !== 'audio' || part.source.kind !== 'base64') return {};
  const original = part.extra?.wire === 'openai-chat' ? part.extra.fields : {};
  return { audio: { ...original, data: part.source.data, transcript: part.transcript ?? '' } };
}

/** Pictures that a model made, as OpenRouter and others hand them out in this wire. */
function writeImage({ source }: ImagePart): JsonObject[] {
  const url = writeMediaUrl(source);
  return url === undefined ? [] : [{ type: 'image_url', image_url: { url } }];
}

/** Citations of addresses, with their place in the joined text. */
function writeAnnotations(parts: readonly OutputPart[]): JsonObject[] {
  const annotations: JsonObject[] = [];
  let before = 0;
  for (const part of parts) {
    if (part.type !== 'text') continue;
    for (const citation of part.citations ?? []) {
      if (citation.url !== undefined) annotations.push(writeAnnotation(citation, before, part.text.length));
    }
    before += part.text.length;
  }
  return annotations;
}

/** One `url_citation`; without a place of its own it stands for the whole part. */
export function writeAnnotation(citation: Citation, before: number, length: number): JsonObject {
  return {
    type: 'url_citation',
    url_citation: {
      url: citation.url,
      title: citation.title ?? '',
      start_index: before + (citation.start ?? 0),
      end_index: before + (citation.end ?? length),
    },
  };
}

/** Notes what the message has no place for. */
function noteExtras(part: OutputPart, path: string, dropped: DroppedFields): void {
  if (part.type === 'image' && writeMediaUrl(part.source) === undefined) dropped.add(`${path}.images`);
  if (part.type === 'audio' && part.source.kind !== 'base64') dropped.add(`${path}.audio`);
  if (part.type === 'image') dropped.keepExtra(part.extra, `${path}.images`);
  if (part.type === 'other' && part.original.wire === 'openai-chat') {
    const { value } = part.original;
    if (!isObject(value) || value.tool_call === undefined) dropped.add(`${path}.content`);
  }
  if (part.type === 'text' || part.type === 'refusal' || part.type === 'reasoning')
    dropped.keepExtra(part.extra, `${path}.content`);
  if (part.type !== 'text') return;
  for (const { url } of part.citations ?? []) if (url === undefined) dropped.add(`${path}.citations`);
}
