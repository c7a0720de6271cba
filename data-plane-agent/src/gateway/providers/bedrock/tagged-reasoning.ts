import type { ChatAnswer } from '../../chat/chat-answer.ts';
import type { OutputPart } from '../../chat/chat-content.ts';
import type { ChatEvent, DeltaEvent } from '../../chat/chat-event.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import type { ChatEventReader } from '../provider-kind.ts';

const OPEN = '<reasoning>';
const CLOSE = '</reasoning>';

/** Takes the reasoning out of an answer that holds it between marks, in front of its first words, as gpt-oss has it here. */
export function untagAnswer(answer: ChatAnswer): ChatAnswer {
  const choices = answer.choices.map((choice) => {
    const at = choice.content.findIndex((part) => part.type === 'text' && part.text.startsWith(OPEN));
    if (at !== choice.content.findIndex((part) => part.type === 'text')) return choice;
    const content = choice.content.flatMap((part, index) => (index === at ? untag(part) : [part]));
    return { ...choice, content };
  });
  return { ...answer, choices };
}

function untag(part: OutputPart): OutputPart[] {
  if (part.type !== 'text') return [part];
  const end = part.text.indexOf(CLOSE);
  const reasoning = part.text.slice(OPEN.length, end === -1 ? undefined : end);
  const text = end === -1 ? '' : part.text.slice(end + CLOSE.length);
  return [{ type: 'reasoning', text: reasoning }, ...(text === '' ? [] : [{ ...part, text }])];
}

/** Where a choice is: before its first words, inside of the marks, or behind them. `held` may be the beginning of a mark. */
interface Place {
  at: 'before' | 'inside' | 'behind';
  held: string;
}

/** The same for a stream. Holds back what may be the beginning of a mark, and no more. */
export class TaggedReasoningReader implements ChatEventReader {
  readonly #reader: ChatEventReader;
  readonly #places = new Map<number, Place>();

  constructor(reader: ChatEventReader) {
    this.#reader = reader;
  }

  read(frame: StreamFrame): ChatEvent[] {
    return this.#reader.read(frame).flatMap((event) => this.#untag(event));
  }

  end(): ChatEvent[] {
    return this.#reader.end().flatMap((event) => this.#untag(event));
  }

  #untag(event: ChatEvent): ChatEvent[] {
    if (!('choice' in event)) return [event];
    const place = this.#places.get(event.choice) ?? { at: 'before', held: '' };
    this.#places.set(event.choice, place);
    if (event.type === 'text') return place.at === 'behind' ? [event] : untagText(event, place);
    const { held } = place;
    place.held = '';
    const type = place.at === 'inside' ? 'reasoning' : 'text';
    return held === '' ? [event] : [{ type, choice: event.choice, text: held }, event];
  }
}

function untagText({ choice, text }: DeltaEvent, place: Place): ChatEvent[] {
  const events: ChatEvent[] = [];
  const say = (type: 'text' | 'reasoning', said: string) => {
    if (said !== '') events.push({ type, choice, text: said });
  };
  let rest = place.held + text;
  place.held = '';
  if (place.at === 'before') {
    if (rest.length < OPEN.length && OPEN.startsWith(rest)) {
      place.held = rest;
      return events;
    }
    const isTagged = rest.startsWith(OPEN);
    place.at = isTagged ? 'inside' : 'behind';
    if (isTagged) rest = rest.slice(OPEN.length);
  }
  if (place.at === 'inside') {
    const end = rest.indexOf(CLOSE);
    const kept = end === -1 ? beginningOf(CLOSE, rest) : 0;
    say('reasoning', rest.slice(0, end === -1 ? rest.length - kept : end));
    if (end === -1) {
      place.held = rest.slice(rest.length - kept);
      return events;
    }
    place.at = 'behind';
    rest = rest.slice(end + CLOSE.length);
  }
  say('text', rest);
  return events;
}

/** How many characters at the end of the text may be the beginning of the mark. */
function beginningOf(mark: string, text: string): number {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--)
    if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}
