import type { ChatEvent, StartEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { MalformedAnswerError } from './malformed-answer-error.ts';
import { readStop } from './read-stop.ts';
import { readUsage } from './read-usage.ts';

const WIRE = 'openai-chat';
const CHUNK_FIELDS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage']);
const CHOICE_FIELDS = new Set(['index', 'delta', 'finish_reason']);
const DELTA_FIELDS = new Set(['role', 'content', 'refusal', 'reasoning_content', 'tool_calls']);
const TEXT_FIELDS = [
  ['reasoning_content', 'reasoning'],
  ['content', 'text'],
  ['refusal', 'refusal'],
] as const;

/**
 * Reads the chunks of one streamed answer, one at a time. Holds only which tool calls began: it is made anew for each
 * attempt.
 */
export class ChunkReader {
  #started = false;
  /** Members of chunks that were told already: `system_fingerprint` and the like stand in each. At most one stream's. */
  readonly #known = new Set(CHUNK_FIELDS);
  readonly #calls = new Set<string>();

  /**
   * @param value the parsed data of one event; `[DONE]` is the caller's to recognize
   * @throws MalformedAnswerError
   */
  read(value: unknown): ChatEvent[] {
    if (!isObject(value)) throw new MalformedAnswerError('a chunk');
    if (value.error !== undefined && value.error !== null) return [readError(value.error)];
    const choices = value.choices ?? [];
    if (!Array.isArray(choices)) throw new MalformedAnswerError('choices');
    const events: ChatEvent[] = [];
    const extra = takeExtra(WIRE, value, this.#known);
    if (!this.#started) events.push({ ...readStart(value), extra });
    else if (extra) events.push({ type: 'other', original: { wire: WIRE, value: { chunk: extra.fields } } });
    this.#started = true;
    for (const name of Object.keys(extra?.fields ?? {})) this.#known.add(name);
    choices.forEach((choice, position) => {
      this.#readChoice(choice, position, events);
    });
    const usage = readUsage(value.usage);
    if (usage) events.push({ type: 'usage', usage });
    return events;
  }

  #readChoice(value: unknown, position: number, events: ChatEvent[]): void {
    if (!isObject(value)) throw new MalformedAnswerError(`choices[${position}]`);
    const choice = typeof value.index === 'number' ? value.index : position;
    const delta = isObject(value.delta) ? value.delta : {};
    for (const [field, type] of TEXT_FIELDS) {
      const text = delta[field];
      if (typeof text === 'string' && text !== '') events.push({ type, choice, text });
    }
    if (Array.isArray(delta.tool_calls)) {
      delta.tool_calls.forEach((call: unknown, index) => {
        this.#readCall(call, index, choice, events);
      });
    }
    pushOther(choice, takeExtra(WIRE, delta, DELTA_FIELDS)?.fields, 'delta', events);
    pushOther(choice, takeExtra(WIRE, value, CHOICE_FIELDS)?.fields, 'choice', events);
    const stop = readStop(value.finish_reason);
    if (stop) events.push({ type: 'stop', choice, stop });
  }

  /** A call begins in the first chunk that names its index; some servers repeat id and name in later ones. */
  #readCall(value: unknown, position: number, choice: number, events: ChatEvent[]): void {
    if (!isObject(value)) throw new MalformedAnswerError('tool_calls');
    const called = isObject(value.function) ? value.function : {};
    const call = typeof value.index === 'number' ? value.index : position;
    const key = `${choice}.${call}`;
    if (!this.#calls.has(key)) {
      if (typeof called.name !== 'string') {
        pushOther(choice, { tool_calls: [value] }, 'delta', events);
        return;
      }
      this.#calls.add(key);
      const id = typeof value.id === 'string' ? value.id : '';
      events.push({ type: 'tool_call', choice, call, id, name: called.name });
    }
    if (typeof called.arguments === 'string' && called.arguments !== '') {
      events.push({ type: 'tool_arguments', choice, call, text: called.arguments });
    }
  }
}

function readStart(chunk: JsonObject): StartEvent {
  return {
    type: 'start',
    id: typeof chunk.id === 'string' ? chunk.id : '',
    model: typeof chunk.model === 'string' ? chunk.model : '',
    created: typeof chunk.created === 'number' ? chunk.created : 0,
  };
}

function readError(error: unknown): ChatEvent {
  const named = isObject(error) ? error : {};
  return {
    type: 'error',
    message: typeof named.message === 'string' ? named.message : 'The provider broke off its answer.',
    code: typeof named.code === 'string' ? named.code : undefined,
    original: { wire: WIRE, value: error },
  };
}

function pushOther(
  choice: number,
  fields: JsonObject | undefined,
  level: 'delta' | 'choice',
  events: ChatEvent[],
): void {
  if (fields)
    events.push({ type: 'other', original: { wire: WIRE, value: { index: choice, [level]: fields } } });
}
