import type { ChatEvent } from '../../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import type { ChatEventReader } from '../../provider-kind.ts';
import { readErrorObject } from '../read-error.ts';
import { OutputReader } from './output-reader.ts';
import type { ChangedNames } from './read-item.ts';
import { readIdentity, readMore, readResponseStop, readResponseUsage, readTier } from './read-response.ts';
import { WIRE } from './responses-wire.ts';

/** Reads the events of one streamed response. Its last event says itself how it ended. */
export class ResponseEventReader implements ChatEventReader {
  private readonly output: OutputReader;
  private started = false;
  private over = false;

  /** @param names the client's names for tools whose names had to change */
  constructor(names?: ChangedNames) {
    this.output = new OutputReader(names);
  }

  read({ event, data }: StreamFrame): ChatEvent[] {
    if (data.length === 0 || this.over) return [];
    const value = parse(data.toString(), event);
    // What follows the end of another wire, which some servers send.
    if (value === undefined) return [];
    const type = typeof value.type === 'string' ? value.type : event;
    switch (type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return this.start(value.response);
      case 'response.completed':
      case 'response.incomplete':
      case 'response.done':
        return this.finish(isObject(value.response) ? value.response : {});
      case 'response.failed':
      case 'response.cancelled':
        return this.fail(value.response);
      case 'error':
        this.over = true;
        return [errorEvent(isObject(value.error) ? value.error : value)];
      case undefined:
        return this.nameless(value);
      default: {
        const events = this.output.read(type, value);
        return this.started || events.length === 0 ? events : [...this.start(value.response), ...events];
      }
    }
  }

  /** A stream that closes without its last event was cut off. */
  end(): ChatEvent[] {
    return [];
  }

  private start(response: unknown): ChatEvent[] {
    if (this.started) return [];
    this.started = true;
    const body = isObject(response) ? response : {};
    // At first most say `auto`, as they were asked; what served the answer is known at its end, for its price.
    const extra = body.service_tier === 'auto' ? undefined : readTier(body);
    return [{ type: 'start', ...readIdentity(body), ...(extra && { extra }) }];
  }

  private finish(response: JsonObject): ChatEvent[] {
    this.over = true;
    const events = this.start(response);
    if (Array.isArray(response.output)) events.push(...this.output.readWhole(response.output));
    const more = readMore(response);
    if (more) events.push({ type: 'other', original: { wire: WIRE, value: { response: more.fields } } });
    const usage = readResponseUsage(response);
    events.push({ type: 'stop', choice: 0, stop: readResponseStop(response, this.output.called) });
    if (usage) events.push({ type: 'usage', usage });
    events.push({ type: 'end' });
    return events;
  }

  /** An error that came in the words of the chat wire, or as a sentence. */
  private nameless(value: JsonObject): ChatEvent[] {
    const { error } = value;
    if (!isObject(error) && typeof error !== 'string') return [];
    this.over = true;
    return [errorEvent(isObject(error) ? error : value)];
  }

  private fail(response: unknown): ChatEvent[] {
    this.over = true;
    const body = isObject(response) ? response : {};
    const usage = readResponseUsage(body);
    return [...(usage ? ([{ type: 'usage', usage }] as const) : []), errorEvent(body.error)];
  }
}

function errorEvent(error: unknown): ChatEvent {
  return {
    type: 'error',
    error: readErrorObject(error ?? undefined),
    original: { wire: WIRE, value: error },
  };
}

/** @throws MalformedAnswerError */
function parse(text: string, event: string | undefined): JsonObject | undefined {
  if (text.trim() === '[DONE]') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    if (event === 'error') return { type: 'error', message: text };
    throw new MalformedAnswerError('an event');
  }
  if (!isObject(value)) throw new MalformedAnswerError('an event');
  return value;
}
