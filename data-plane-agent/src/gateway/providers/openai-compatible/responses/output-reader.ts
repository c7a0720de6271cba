import type { OutputPart } from '../../../chat/chat-content.ts';
import type { ChatEvent } from '../../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { CHOICE, itemEvent, messageEvents } from './item-events.ts';
import { argumentText, type ChangedNames, callOf, readAnnotation, readItem } from './read-item.ts';
import { chatLogprobs } from './read-response.ts';

/** What was told of one item so far. */
interface ItemState {
  /** Which call it is. */
  call: number | undefined;
  /** Some of its text, or of its arguments, was told. */
  told: boolean;
  annotations: number;
}

/**
 * Reads the events that tell of the output as it grows. What a server says only in an item's last event is told then. Holds
 * what was told of each item, and no text.
 */
export class OutputReader {
  private readonly names: ChangedNames;
  private readonly items = new Map<unknown, ItemState>();
  private calls = 0;
  /** The kind of text that came last, which more of its kind would go on with. */
  private last: ChatEvent['type'] | undefined;

  constructor(names: ChangedNames) {
    this.names = names;
  }

  /** Whether there are calls that the client is to make. */
  get called(): boolean {
    return this.calls > 0;
  }

  read(type: string, event: JsonObject): ChatEvent[] {
    switch (type) {
      case 'response.output_text.delta':
        return this.text('text', event);
      case 'response.refusal.delta':
        return this.text('refusal', event);
      case 'response.reasoning_text.delta':
      case 'response.reasoning_summary_text.delta':
        return this.text('reasoning', event, type === 'response.reasoning_summary_text.delta');
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return this.callText(this.stateOf(event), event.delta);
      case 'response.output_text.annotation.added':
        return this.annotation(event);
      case 'response.content_part.added':
      case 'response.reasoning_summary_part.added':
      case 'response.reasoning_part.added':
        return this.closeText();
      case 'response.output_item.added':
        return isObject(event.item) ? this.begin(event.output_index, event.item) : [];
      case 'response.output_item.done':
        return isObject(event.item) ? this.complete(event.output_index, event.item) : [];
      default:
        return [];
    }
  }

  /** The whole output at the end of a stream that told nothing of it before. */
  readWhole(output: readonly unknown[]): ChatEvent[] {
    if (this.items.size > 0) return [];
    return output.flatMap((item, index) => (isObject(item) ? this.complete(index, item) : []));
  }

  private stateOf(event: JsonObject): ItemState {
    return this.items.get(event.output_index) ?? this.newState(event.output_index);
  }

  private newState(index: unknown): ItemState {
    const made: ItemState = { call: undefined, told: false, annotations: 0 };
    this.items.set(index, made);
    return made;
  }

  private text(type: 'text' | 'refusal' | 'reasoning', event: JsonObject, summary = false): ChatEvent[] {
    const { delta, logprobs } = event;
    if (typeof delta !== 'string' || delta === '') return [];
    this.stateOf(event).told = true;
    this.last = type;
    const events: ChatEvent[] = [{ type, choice: CHOICE, text: delta, ...(summary && { summary }) }];
    if (Array.isArray(logprobs) && logprobs.length > 0) {
      const value = { choice: chatLogprobs(logprobs) };
      events.push({ type: 'other', original: { wire: 'openai-chat', value } });
    }
    return events;
  }

  /** What follows is a part of its own. */
  private closeText(): ChatEvent[] {
    if (this.last === undefined) return [];
    this.last = undefined;
    return [{ type: 'part_end', choice: CHOICE }];
  }

  private annotation(event: JsonObject): ChatEvent[] {
    this.stateOf(event).annotations++;
    return [{ type: 'citation', choice: CHOICE, citation: readAnnotation(event.annotation) }];
  }

  private callText(state: ItemState, delta: unknown): ChatEvent[] {
    const text = argumentText(delta);
    if (state.call === undefined || text === '') return [];
    state.told = true;
    return [{ type: 'tool_arguments', choice: CHOICE, call: state.call, text }];
  }

  private begin(index: unknown, item: JsonObject): ChatEvent[] {
    const state = this.newState(index);
    const closed = this.closeText();
    if (item.type !== 'function_call' && item.type !== 'custom_tool_call') return closed;
    state.call = this.calls++;
    const called = callOf(item, this.names);
    return [...closed, { type: 'tool_call', choice: CHOICE, call: state.call, ...called }];
  }

  private complete(index: unknown, item: JsonObject): ChatEvent[] {
    const events = this.items.has(index) ? [] : this.begin(index, item);
    const state = this.items.get(index) ?? this.newState(index);
    switch (item.type) {
      case 'function_call':
      case 'custom_tool_call':
        if (!state.told) events.push(...this.callText(state, item.arguments ?? item.input));
        return events;
      case 'message':
        return [...events, ...this.completeMessage(state, item)];
      case 'reasoning':
        return [...events, ...this.completeReasoning(state, item)];
      default:
        return [...events, itemEvent(item)];
    }
  }

  private completeMessage(state: ItemState, item: JsonObject): ChatEvent[] {
    const parts = readItem(item, this.names);
    const events = state.told ? [] : parts.flatMap((part) => this.wholeText(part));
    return [...events, ...messageEvents(parts, state.annotations)];
  }

  private completeReasoning(state: ItemState, item: JsonObject): ChatEvent[] {
    const parts = readItem(item, this.names);
    const events = state.told ? [] : parts.flatMap((part) => this.wholeText(part));
    const last = parts.at(-1);
    if (last?.type !== 'reasoning' || !last.encrypted) return events;
    this.last = undefined;
    const { id, encrypted } = last;
    events.push({ type: 'reasoning_state', choice: CHOICE, id, encrypted });
    return events;
  }

  private wholeText(part: OutputPart): ChatEvent[] {
    if (part.type !== 'text' && part.type !== 'refusal' && part.type !== 'reasoning') return [];
    if (part.text === '') return [];
    const before = this.last === part.type ? this.closeText() : [];
    this.last = part.type;
    const summary = part.type === 'reasoning' && part.summary ? { summary: true } : {};
    return [...before, { type: part.type, choice: CHOICE, text: part.text, ...summary }];
  }
}
