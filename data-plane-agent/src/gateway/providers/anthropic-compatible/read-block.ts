import type { Citation, OutputPart } from '../../chat/chat-content.ts';
import { type Extra, isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';

const WIRE = 'anthropic-messages';
const TEXT_FIELDS = new Set(['type', 'text', 'citations']);
const THINKING_FIELDS = new Set(['type', 'thinking', 'signature']);
const CALL_FIELDS = new Set(['type', 'id', 'name', 'input', 'caller']);

/** Reads one content block of an answer. What the neutral form has no words for (server tools and their results) stays as it is. */
export function readBlock(block: JsonObject): OutputPart {
  switch (block.type) {
    case 'text': {
      const text = stringOf(block.text);
      const citations = Array.isArray(block.citations) ? block.citations.flatMap(readCitation) : [];
      return {
        type: 'text',
        text,
        ...(citations.length > 0 && { citations }),
        extra: takeExtra(WIRE, block, TEXT_FIELDS),
      };
    }
    case 'thinking':
      return {
        type: 'reasoning',
        text: stringOf(block.thinking),
        signature:
          typeof block.signature === 'string' && block.signature !== ''
            ? { value: block.signature }
            : undefined,
        extra: takeExtra(WIRE, block, THINKING_FIELDS),
      };
    case 'redacted_thinking':
      return { type: 'reasoning', text: '', encrypted: { value: stringOf(block.data) } };
    case 'tool_use':
      return {
        type: 'tool_call',
        id: stringOf(block.id),
        name: stringOf(block.name),
        arguments: isObject(block.input) ? JSON.stringify(block.input) : stringOf(block.input),
        extra: readCaller(block.caller, takeExtra(WIRE, block, CALL_FIELDS)),
      };
    default:
      return { type: 'other', original: { wire: WIRE, value: block } };
  }
}

/** That the model called by itself is what a client expects unsaid; that its code did is not. */
export function readCaller(caller: unknown, extra: Extra | undefined): Extra | undefined {
  if (!isObject(caller) || caller.type === 'direct') return extra;
  return { wire: WIRE, fields: { ...extra?.fields, caller } };
}

/** Where a statement comes from: a page of a document, a search result, an address. */
export function readCitation(value: unknown): Citation[] {
  if (!isObject(value)) return [];
  const source = value.url ?? value.source;
  const title = value.title ?? value.document_title;
  return [
    {
      url: typeof source === 'string' ? source : undefined,
      title: typeof title === 'string' ? title : undefined,
      quote: typeof value.cited_text === 'string' ? value.cited_text : undefined,
      original: { wire: WIRE, value },
    },
  ];
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
