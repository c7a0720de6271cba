import type { ReasoningPart } from '../../../chat/chat-content.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import type { JsonObject } from '../../../chat/wire.ts';
import type { ResponsesServer } from './responses-wire.ts';

/**
 * Puts reasoning parts together that belong to one thought: other wires have its text and its encrypted form apart, and
 * each piece of a summary.
 */
export function groupReasoning(parts: readonly ReasoningPart[]): ReasoningPart[][] {
  const groups: ReasoningPart[][] = [];
  let open: ReasoningPart[] | undefined;
  for (const part of parts) {
    const id = open?.find((one) => one.id !== undefined)?.id;
    if (open && id !== undefined && part.id !== undefined && id !== part.id) open = undefined;
    if (open) open.push(part);
    else {
      open = [part];
      groups.push(open);
    }
    // The state completes the thought.
    if (part.encrypted) open = undefined;
  }
  return groups;
}

/**
 * One thought as an item; undefined where the server takes nothing of it, which is then noted. OpenAI keeps none with
 * `store: false` and takes the encrypted form; other servers take the text.
 */
export function writeReasoning(
  parts: readonly ReasoningPart[],
  index: number,
  path: string,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject | undefined {
  const encrypted = parts.find((part) => part.encrypted)?.encrypted;
  const id = parts.find((part) => part.id !== undefined)?.id;
  const texts = parts.filter((part) => part.text !== '');
  if (parts.some((part) => part.signature)) dropped.add(`${path}.reasoning.signature`);
  const extra = Object.assign({}, ...parts.map((part) => dropped.keepExtra(part.extra, `${path}.reasoning`)));
  if (!encrypted && (!server.reasoningText || texts.length === 0)) {
    if (texts.length > 0) dropped.add(`${path}.reasoning`);
    return undefined;
  }
  const plain = server.reasoningText ? texts.filter((part) => !part.summary) : [];
  // Servers that take it read one piece.
  const text = plain.map((part) => part.text).join('');
  const content = text === '' ? [] : [{ type: 'reasoning_text', text }];
  return {
    type: 'reasoning',
    // Servers that take text want an id besides.
    ...(id !== undefined ? { id } : !encrypted && { id: `rs_${index}` }),
    summary: texts
      .filter((part) => !plain.includes(part))
      .map(({ text }) => ({ type: 'summary_text', text })),
    ...(content.length > 0 && { content }),
    ...(encrypted && { encrypted_content: encrypted.value }),
    ...extra,
  };
}
