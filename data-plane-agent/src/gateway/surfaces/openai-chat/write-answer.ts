import type { ChatAnswer, ChatChoice } from '../../chat/chat-answer.ts';
import type { OutputPart, ToolCallPart } from '../../chat/chat-content.ts';
import { DroppedFields, type Written } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { writeStop } from './write-stop.ts';
import { writeUsage } from './write-usage.ts';

/** Writes a whole answer as `chat.completion`, with the paths of what the wire cannot express. */
export function writeAnswer(answer: ChatAnswer): Written<JsonObject> {
  const dropped = new DroppedFields('openai-chat');
  const value = {
    id: answer.id,
    object: 'chat.completion',
    created: answer.created,
    model: answer.model,
    choices: answer.choices.map((choice, index) => writeChoice(choice, `choices[${index}]`, dropped)),
    ...(answer.usage && { usage: writeUsage(answer.usage) }),
    ...dropped.keepExtra(answer.extra, ''),
  };
  return { value, dropped: dropped.names };
}

function writeChoice(choice: ChatChoice, path: string, dropped: DroppedFields): unknown {
  return {
    index: choice.index,
    message: writeMessage(choice, `${path}.message`, dropped),
    finish_reason: choice.stop ? writeStop(choice.stop) : null,
    ...dropped.keepExtra(choice.extra, path),
  };
}

/** Text parts run together, since the wire has one string; so do refusals and reasoning. */
function writeMessage(choice: ChatChoice, path: string, dropped: DroppedFields): unknown {
  const reasoning = joinText(choice.content, 'reasoning');
  const calls = choice.content.flatMap((part) => writeToolCall(part, path, dropped));
  for (const part of choice.content) noteExtras(part, path, dropped);
  return {
    role: 'assistant',
    content: joinText(choice.content, 'text') ?? null,
    refusal: joinText(choice.content, 'refusal') ?? null,
    ...(reasoning !== undefined && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...dropped.keepExtra(choice.messageExtra, path),
  };
}

function joinText(parts: readonly OutputPart[], type: 'text' | 'refusal' | 'reasoning'): string | undefined {
  const texts = parts.flatMap((part) => (part.type === type && 'text' in part ? [part.text] : []));
  return texts.length === 0 ? undefined : texts.join('');
}

function writeToolCall(part: OutputPart, path: string, dropped: DroppedFields): unknown[] {
  if (part.type === 'tool_call')
    return [{ ...callOf(part), ...dropped.keepExtra(part.extra, `${path}.tool_calls`) }];
  if (part.type !== 'other') return [];
  const original = dropped.keepOriginal(part.original, `${path}.content`);
  return isObject(original) && original.tool_call !== undefined ? [original.tool_call] : [];
}

function callOf(part: ToolCallPart): JsonObject {
  return { id: part.id, type: 'function', function: { name: part.name, arguments: part.arguments } };
}

function noteExtras(part: OutputPart, path: string, dropped: DroppedFields): void {
  if (part.type === 'text' || part.type === 'reasoning') dropped.keepExtra(part.extra, `${path}.content`);
  if (part.type === 'reasoning' && part.signature) dropped.add(`${path}.reasoning.signature`);
}
