import type { OutputPart } from '../../../chat/chat-content.ts';
import type { ChatEvent } from '../../../chat/chat-event.ts';
import type { Extra, JsonObject } from '../../../chat/wire.ts';
import { readImage } from './read-item.ts';
import { WIRE } from './responses-wire.ts';

/** Answers of this wire have one choice. */
export const CHOICE = 0;

/**
 * What a complete message says besides the text that was told.
 *
 * @param told how many of its citations were told before
 */
export function messageEvents(parts: readonly OutputPart[], told: number): ChatEvent[] {
  const citations = parts.flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []));
  const events = citations
    .slice(told)
    .map((citation): ChatEvent => ({ type: 'citation', choice: CHOICE, citation }));
  for (const part of parts) {
    if (part.type === 'other') events.push(part);
    else if ((part.type === 'text' || part.type === 'refusal') && part.extra && saysSomething(part.extra))
      events.push({ type: 'other', original: { wire: WIRE, value: { message: part.extra.fields } } });
  }
  return events;
}

/** vLLM sends all members that there are, as null. */
function saysSomething({ fields }: Extra): boolean {
  return Object.values(fields).some((value) => value !== null);
}

/** A picture is told as one; the rest of the provider's own items as they are. */
export function itemEvent(item: JsonObject): ChatEvent {
  const part = item.type === 'image_generation_call' ? readImage(item) : undefined;
  if (part) return { type: 'media', choice: CHOICE, part };
  return { type: 'other', original: { wire: WIRE, value: { item } } };
}
