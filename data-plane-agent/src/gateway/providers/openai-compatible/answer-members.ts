import { DroppedFields, isNothing } from '../../chat/dropped-fields.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { readDetail, reasoningText } from './read-parts.ts';
import { REASONING_PARTS } from './reasoning-parts.ts';
import type { ServerTraits } from './server-traits.ts';

/** Members of a message that servers answer with. */
const OF_ANSWERS = [
  'refusal',
  'annotations',
  'audio',
  'function_call',
  'images',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
] as const;
const REASONING: ReadonlySet<string> = new Set(['reasoning_content', 'reasoning']);

/**
 * An assistant's message for a server that refuses what only answers of other servers have (Groq: "property
 * 'reasoning_content' is unsupported"; Cerebras and Mistral too). Clients hand such members back as they got them. Reasoning
 * goes where the server has its own, and a refusal that stands alone becomes text; the rest is taken out.
 *
 * @param noted gets the names of members that held something
 */
export function suitedAnswer(message: JsonObject, server: ServerTraits, noted: string[]): JsonObject {
  if (!server.strictMessages || message.role !== 'assistant') return message;
  let suited: Record<string, unknown> | undefined;
  let thought = false;
  for (const name of OF_ANSWERS) {
    const value = message[name];
    if (value === undefined || name === server.reasoningField) continue;
    suited ??= { ...message };
    delete suited[name];
    if (isNothing(value) || value === '') continue;
    if (REASONING.has(name) && takesReasoning(server)) {
      // A second name says the same again.
      if (!thought) putReasoning(suited, value, server);
      thought = true;
      continue;
    }
    if (name === 'reasoning_details' && repeatsText(value, message)) continue;
    noted.push(name);
    // They are the words of the message, which may not be empty.
    if (name === 'refusal') suited.content ??= value;
  }
  return suited ?? message;
}

/** Details without state say the text of the plain member again. */
function repeatsText(details: unknown, message: JsonObject): boolean {
  if (!Array.isArray(details) || reasoningText(message) === undefined) return false;
  return !details.flatMap(readDetail).some((part) => part.signature ?? part.encrypted);
}

function takesReasoning({ reasoningField: own }: ServerTraits): boolean {
  return own !== undefined && (REASONING.has(own) || REASONING_PARTS[own] !== undefined);
}

/** Puts reasoning into the member of the server's own name, or as parts before what was said. */
function putReasoning(
  message: Record<string, unknown>,
  text: unknown,
  { reasoningField: own }: ServerTraits,
): void {
  if (own === undefined) return;
  const write = REASONING_PARTS[own];
  if (write === undefined) message[own] ??= text;
  else if (typeof text === 'string') {
    const thought = write({ type: 'reasoning', text }, '', new DroppedFields('openai-chat'));
    message.content = [...thought, ...contentParts(message.content)];
  }
}

function contentParts(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content;
  return typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : [];
}
