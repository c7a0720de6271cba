import type { ChatEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { ChatEventReader } from '../provider-kind.ts';
import { argumentsOf, readUsage } from './read-answer.ts';
import { GrowingText, readCitations } from './read-citation.ts';
import { readSentence } from './read-error.ts';
import { readStop } from './read-stop.ts';
import type { NamedTool } from './tool-names.ts';

const WIRE = 'cohere-chat';
const DONE = Buffer.from('[DONE]');

/** Reasons that are failures and no ends. */
const FAILURES: Readonly<Record<string, 'provider_error' | 'timeout'>> = {
  ERROR: 'provider_error',
  TIMEOUT: 'timeout',
};

/**
 * Reads the events of one streamed answer.
 *
 * @see https://docs.cohere.com/v2/docs/streaming
 */
export class CohereEventReader implements ChatEventReader {
  private readonly names: ReadonlyMap<string, NamedTool>;
  private started = false;
  private stopped = false;
  private calls = 0;
  /** By the server's index: which call of the answer. */
  private readonly places = new Map<number, number>();
  /** Calls that have no arguments yet. */
  private readonly bare = new Set<number>();
  private text = new GrowingText();
  /** A part of the content is over; the next one begins another. */
  private ended = false;

  /** @param names the client's names for tools whose names had to change */
  constructor(names: ReadonlyMap<string, NamedTool> = new Map()) {
    this.names = names;
  }

  read({ data }: StreamFrame): ChatEvent[] {
    if (data.length === 0 || data.equals(DONE)) return [];
    const event = readJsonRecord(data);
    if (!event) throw new MalformedAnswerError('an event');
    const delta = isObject(event.delta) ? event.delta : {};
    const message = isObject(delta.message) ? delta.message : {};
    const events: ChatEvent[] = [];
    if (!this.started && typeof event.type === 'string') {
      this.started = true;
      events.push({ type: 'start', id: typeof event.id === 'string' ? event.id : '', model: '', created: 0 });
    }
    this.readEvent(event, delta, message, events);
    return events;
  }

  end(): ChatEvent[] {
    return [];
  }

  private readEvent(event: JsonObject, delta: JsonObject, message: JsonObject, events: ChatEvent[]): void {
    switch (event.type) {
      case 'content-start':
        this.beginPart(events);
        this.text = new GrowingText();
        this.content(message.content, events);
        break;
      case 'content-delta':
        this.content(message.content, events);
        if (event.logprobs !== undefined)
          events.push({ type: 'other', original: { wire: WIRE, value: { logprobs: event.logprobs } } });
        break;
      case 'content-end':
        this.ended = true;
        break;
      case 'tool-plan-delta':
        this.beginPart(events);
        if (typeof message.tool_plan === 'string') this.say(message.tool_plan, events);
        break;
      case 'tool-call-start':
        this.startCall(indexOf(event), message.tool_calls, events);
        break;
      case 'tool-call-delta':
        this.continueCall(indexOf(event), message.tool_calls, events);
        break;
      case 'tool-call-end':
        this.endCall(indexOf(event), events);
        break;
      case 'citation-start':
        for (const citation of readCitations(message.citations, this.text))
          events.push({ type: 'citation', choice: 0, citation });
        break;
      case 'message-end':
        this.finish(event, delta, events);
        break;
      default:
        // `citation-end`, `debug`, and types that were added later. An error comes without a type.
        if (event.type === undefined && typeof event.message === 'string')
          events.push(failure(event, event.message));
    }
  }

  /** Not at the last part's end: what it cites comes after that. */
  private beginPart(events: ChatEvent[]): void {
    if (this.ended) events.push({ type: 'part_end', choice: 0 });
    this.ended = false;
  }

  private content(content: unknown, events: ChatEvent[]): void {
    if (!isObject(content)) return;
    const { text, thinking } = content;
    if (typeof thinking === 'string' && thinking !== '')
      events.push({ type: 'reasoning', choice: 0, text: thinking });
    if (typeof text === 'string') this.say(text, events);
  }

  private say(text: string, events: ChatEvent[]): void {
    if (text === '') return;
    this.text.add(text);
    events.push({ type: 'text', choice: 0, text });
  }

  private startCall(index: number, value: unknown, events: ChatEvent[]): void {
    const call = callOf(value);
    const called = isObject(call.function) ? call.function : {};
    if (typeof called.name !== 'string') throw new MalformedAnswerError('delta.message.tool_calls');
    const place = this.calls++;
    this.places.set(index, place);
    this.bare.add(place);
    const id = typeof call.id === 'string' && call.id !== '' ? call.id : `call_${place}`;
    const name = this.names.get(called.name) ?? { name: called.name };
    events.push({ type: 'tool_call', choice: 0, call: place, id, ...name });
    this.addArguments(place, called.arguments, events);
  }

  private continueCall(index: number, value: unknown, events: ChatEvent[]): void {
    const call = callOf(value);
    const place = this.places.get(index);
    if (place === undefined) throw new MalformedAnswerError('index');
    this.addArguments(place, isObject(call.function) ? call.function.arguments : undefined, events);
  }

  private addArguments(call: number, value: unknown, events: ChatEvent[]): void {
    const text = argumentsOf(value);
    if (text === '') return;
    this.bare.delete(call);
    events.push({ type: 'tool_arguments', choice: 0, call, text });
  }

  /** A call without arguments has an empty object: clients parse. */
  private endCall(index: number, events: ChatEvent[]): void {
    const place = this.places.get(index);
    if (place !== undefined && this.bare.has(place)) this.addArguments(place, '{}', events);
  }

  private finish(event: JsonObject, delta: JsonObject, events: ChatEvent[]): void {
    if (this.stopped) return;
    this.stopped = true;
    const usage = readUsage(delta.usage);
    if (usage) events.push({ type: 'usage', usage });
    const reason = delta.finish_reason;
    const failed = typeof reason === 'string' && Object.hasOwn(FAILURES, reason);
    if (failed || typeof delta.error === 'string') {
      const sentence = typeof delta.error === 'string' ? delta.error : 'The provider stopped with an error.';
      events.push(failure(event, sentence, failed ? FAILURES[reason] : undefined));
      return;
    }
    events.push({ type: 'stop', choice: 0, stop: readStop(reason, this.calls > 0) }, { type: 'end' });
  }
}

function failure(value: JsonObject, message: string, kind?: 'provider_error' | 'timeout'): ChatEvent {
  return {
    type: 'error',
    error: { ...readSentence(message), ...(kind === 'timeout' && { kind }) },
    original: { wire: WIRE, value },
  };
}

function indexOf(event: JsonObject): number {
  return typeof event.index === 'number' ? event.index : 0;
}

/** One call, which some servers put into a list. */
function callOf(value: unknown): JsonObject {
  const call: unknown = Array.isArray(value) ? value[0] : value;
  return isObject(call) ? call : {};
}
