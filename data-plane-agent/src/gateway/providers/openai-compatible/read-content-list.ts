import type { OutputPart, ReasoningPart } from '../../chat/chat-content.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

const WIRE = 'openai-chat';

/**
 * Content as a list: Mistral's reasoning models send thinking and text that way, Claude at Databricks its reasoning as
 * summaries with a signature.
 */
export function readContentList(list: readonly unknown[]): OutputPart[] {
  return list.flatMap((entry): OutputPart[] => {
    if (!isObject(entry)) return [];
    if (entry.type === 'text' && typeof entry.text === 'string') return [{ type: 'text', text: entry.text }];
    if (entry.type === 'thinking') return readThinking(entry);
    if (entry.type === 'reasoning' && Array.isArray(entry.summary))
      return entry.summary.flatMap(readReasoningSummary);
    return [other(entry)];
  });
}

function other(value: unknown): OutputPart {
  return { type: 'other', original: { wire: WIRE, value } };
}

/** Mistral's block: a list of texts, between which references to sources may stand. */
function readThinking({ thinking, signature }: JsonObject): OutputPart[] {
  const pieces: readonly unknown[] = Array.isArray(thinking) ? thinking : [];
  const text = typeof thinking === 'string' ? thinking : pieces.map(textOf).join('');
  const rest = pieces.filter((piece) => isObject(piece) && piece.type !== 'text');
  const part: ReasoningPart = { type: 'reasoning', text };
  return [
    typeof signature === 'string' && signature !== '' ? { ...part, signature: { value: signature } } : part,
    ...(rest.length === 0 ? [] : [other({ type: 'thinking', thinking: rest })]),
  ];
}

function textOf(piece: unknown): string {
  return isObject(piece) && typeof piece.text === 'string' ? piece.text : '';
}

function readReasoningSummary(piece: unknown): OutputPart[] {
  if (!isObject(piece)) return [];
  if (piece.type === 'summary_encrypted_text' && typeof piece.data === 'string')
    return [{ type: 'reasoning', text: '', encrypted: { value: piece.data } }];
  if (typeof piece.text !== 'string') return [other({ type: 'reasoning', summary: [piece] })];
  const { text, signature } = piece;
  return typeof signature === 'string' && signature !== ''
    ? [{ type: 'reasoning', text, signature: { value: signature } }]
    : [{ type: 'reasoning', text }];
}
