import type { ReasoningPart } from '../../chat/chat-content.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';

type WriteReasoningPart = (part: ReasoningPart, path: string, dropped: DroppedFields) => JsonObject[];

/** How servers take reasoning back that is a part of the content, by what their presets call it. */
export const REASONING_PARTS: Readonly<Record<string, WriteReasoningPart | undefined>> = {
  'content.thinking': writeThinking,
  'content.reasoning': writeSummary,
};

/** Mistral's: text, and the signature where it gave one. */
function writeThinking(part: ReasoningPart, path: string, dropped: DroppedFields): JsonObject[] {
  const { text, signature, encrypted } = part;
  dropped.keepExtra(part.extra, path);
  if (encrypted) dropped.add(`${path}.encrypted`);
  if (text === '') return [];
  const thinking = [{ type: 'text', text }];
  return [{ type: 'thinking', thinking, closed: true, ...(signature && { signature: signature.value }) }];
}

/** Claude's at Databricks. It refuses a text without the proof that it is its own. */
function writeSummary(part: ReasoningPart, path: string, dropped: DroppedFields): JsonObject[] {
  const { text, signature, encrypted } = part;
  dropped.keepExtra(part.extra, path);
  const summary: JsonObject[] = [];
  if (signature) summary.push({ type: 'summary_text', text, signature: signature.value });
  else if (text !== '') dropped.add(path);
  if (encrypted) summary.push({ type: 'summary_encrypted_text', data: encrypted.value });
  return summary.length === 0 ? [] : [{ type: 'reasoning', summary }];
}
