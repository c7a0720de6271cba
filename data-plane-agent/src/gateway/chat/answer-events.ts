import type { ChatAnswer, ChatChoice } from './chat-answer.ts';
import type { OutputPart } from './chat-content.ts';
import type { ChatEvent } from './chat-event.ts';

/** A whole answer as the stream that would have said it, for clients that asked for one. */
export function answerEvents(answer: ChatAnswer): ChatEvent[] {
  const { id, model, created, usage, extra } = answer;
  const events: ChatEvent[] = [{ type: 'start', id, model, created, extra }];
  for (const choice of answer.choices) events.push(...choiceEvents(choice));
  if (usage) events.push({ type: 'usage', usage });
  return events;
}

function choiceEvents({ index, content, stop, extra, messageExtra }: ChatChoice): ChatEvent[] {
  const events: ChatEvent[] = [];
  let call = 0;
  for (const part of content) {
    events.push(...partEvents(part, index, call));
    if (part.type === 'tool_call') call++;
  }
  for (const more of [extra, messageExtra])
    if (more) events.push({ type: 'other', original: { wire: more.wire, value: { choice: more.fields } } });
  if (stop) events.push({ type: 'stop', choice: index, stop });
  return events;
}

/**
 * What a stream would say for a part.
 *
 * @param call which call of the choice it is, where it is one
 */
export function partEvents(part: OutputPart, choice: number, call: number): ChatEvent[] {
  const end: ChatEvent = { type: 'part_end', choice };
  switch (part.type) {
    case 'text': {
      const citations = (part.citations ?? []).map(
        (citation): ChatEvent => ({ type: 'citation', choice, citation }),
      );
      // Chat servers say an empty text beside calls, which is no part of its own.
      if (part.text === '' && citations.length === 0) return [];
      return [{ type: 'text', choice, text: part.text }, ...citations, end];
    }
    case 'refusal':
      return [{ type: 'refusal', choice, text: part.text }, end];
    case 'reasoning': {
      const { id, signature, encrypted, summary, text } = part;
      return [
        { type: 'reasoning', choice, text, ...(summary !== undefined && { summary }) },
        signature || encrypted ? { type: 'reasoning_state', choice, id, signature, encrypted } : end,
      ];
    }
    case 'tool_call':
      return [
        { ...part, choice, call },
        { type: 'tool_arguments', choice, call, text: part.arguments },
      ];
    case 'image':
    case 'audio':
      return [{ type: 'media', choice, part }];
    case 'other':
      return [{ type: 'other', original: part.original }];
  }
}
