import type { Citation, OutputPart, ReasoningPart, ToolCallPart } from '../../chat/chat-content.ts';
import { converseCitationForAnthropic } from '../../chat/cited-places.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** The blocks for one part of an answer; none when the wire cannot express it, which is then noted. */
export function writeBlocks(part: OutputPart, path: string, dropped: DroppedFields): JsonObject[] {
  switch (part.type) {
    case 'text': {
      const citations = (part.citations ?? []).flatMap((citation) => {
        const written = writeCitation(citation);
        if (written === undefined) dropped.add(`${path}.citations`);
        return written ?? [];
      });
      // Chat servers say an empty text beside calls; the API refuses to take an empty block back.
      if (part.text === '' && citations.length === 0) return [];
      return [
        {
          type: 'text',
          text: part.text,
          citations: citations.length === 0 ? null : citations,
          ...dropped.keepExtra(part.extra, path),
        },
      ];
    }
    case 'refusal':
      return [{ type: 'text', text: part.text, citations: null, ...dropped.keepExtra(part.extra, path) }];
    case 'reasoning':
      return writeReasoning(part, path, dropped);
    case 'tool_call':
      return [writeCall(part, path, dropped)];
    case 'image':
    case 'audio':
      dropped.add(path);
      return [];
    case 'other': {
      const value = dropped.keepOriginal(part.original, path);
      return isObject(value) ? [value] : [];
    }
  }
}

/** Thinking that no one can prove is shown with an empty signature, which says so when it comes back. */
function writeReasoning(part: ReasoningPart, path: string, dropped: DroppedFields): JsonObject[] {
  const blocks: JsonObject[] = [];
  const extra = dropped.keepExtra(part.extra, path);
  if (part.text !== '' || part.signature)
    blocks.push({ type: 'thinking', thinking: part.text, signature: part.signature?.value ?? '', ...extra });
  if (part.encrypted) blocks.push({ type: 'redacted_thinking', data: part.encrypted.value });
  return blocks;
}

function writeCall(part: ToolCallPart, path: string, dropped: DroppedFields): JsonObject {
  if (part.namespace !== undefined) dropped.add(`${path}.namespace`);
  return {
    type: 'tool_use',
    id: part.id,
    name: part.name,
    input: readArguments(part, path, dropped),
    ...dropped.keepExtra(part.extra, path),
  };
}

/** The wire wants an object. A model that wrote something else gets its words through in one. */
function readArguments(part: ToolCallPart, path: string, dropped: DroppedFields): unknown {
  if (part.custom) return { input: part.arguments };
  if (part.arguments.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(part.arguments);
    if (isObject(value)) return value;
  } catch {
    // Handled below: it is no JSON.
  }
  dropped.add(`${path}.arguments`);
  return { arguments: part.arguments };
}

/**
 * A citation in the wire's own form, or as a place on the web, which is the nearest that it has; undefined for one that it has
 * no form for: of a source without an address, which the client did not send.
 */
export function writeCitation(citation: Citation): JsonObject | undefined {
  const { wire, value } = citation.original;
  if (wire === 'anthropic-messages') return isObject(value) ? value : undefined;
  const cited = wire === 'bedrock-converse' ? converseCitationForAnthropic(value) : undefined;
  if (cited) return cited;
  if (citation.url === undefined) return undefined;
  return {
    type: 'web_search_result_location',
    url: citation.url,
    title: citation.title ?? null,
    cited_text: citation.quote ?? '',
    encrypted_index: '',
  };
}
