import type { ReasoningPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/**
 * `reasoning_details` is OpenRouter's published way of carrying signatures and encrypted reasoning in this wire
 * (OpenRouter, "Reasoning Tokens", "Preserving reasoning blocks"). Clients that keep the field hand it back unread.
 *
 * @returns undefined when there is a detail that the neutral form has no words for
 */
export function readReasoningDetails(value: unknown): ReasoningPart[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const parts: ReasoningPart[] = [];
  for (const detail of value) {
    const part = isObject(detail) ? readDetail(detail) : undefined;
    if (!part) return undefined;
    parts.push(part);
  }
  return parts;
}

function readDetail(detail: JsonObject): ReasoningPart | undefined {
  const id = typeof detail.id === 'string' ? { id: detail.id } : {};
  switch (detail.type) {
    case 'reasoning.text': {
      const signature = typeof detail.signature === 'string' ? { value: detail.signature } : undefined;
      return {
        type: 'reasoning',
        text: typeof detail.text === 'string' ? detail.text : '',
        signature,
        ...id,
      };
    }
    case 'reasoning.summary': {
      const text = typeof detail.summary === 'string' ? detail.summary : '';
      return { type: 'reasoning', text, summary: true, ...id };
    }
    case 'reasoning.encrypted':
      return typeof detail.data === 'string'
        ? { type: 'reasoning', text: '', encrypted: { value: detail.data }, ...id }
        : undefined;
    default:
      return undefined;
  }
}

/** The details of one reasoning part; nothing when its text says all. */
export function writeReasoningDetails(part: ReasoningPart): JsonObject[] {
  const { text, signature, encrypted } = part;
  if (!signature && !encrypted) return [];
  const id = part.id === undefined ? {} : { id: part.id };
  const details: JsonObject[] = [];
  if (signature) details.push({ type: 'reasoning.text', text, signature: signature.value, ...id });
  else if (text !== '') {
    details.push(
      part.summary
        ? { type: 'reasoning.summary', summary: text, ...id }
        : { type: 'reasoning.text', text, ...id },
    );
  }
  if (encrypted) details.push({ type: 'reasoning.encrypted', data: encrypted.value, ...id });
  return details;
}
