import type { ChatEvent, StartEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { CallPlaces } from './call-places.ts';
import { readErrorObject } from './read-error.ts';
import {
  readAnnotation,
  readCallSignature,
  readContentList,
  readDetail,
  readImages,
  reasoningText,
} from './read-parts.ts';
import { readStop } from './read-stop.ts';
import { readUsage } from './read-usage.ts';
import { madeCallId, type ToolName } from './tool-names.ts';

const WIRE = 'openai-chat';
const CHUNK_FIELDS = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'x_groq', 'error']);
const CHOICE_FIELDS = new Set(['index', 'delta', 'finish_reason', 'message', 'text']);
const DELTA_FIELDS = new Set([
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'tool_calls',
  'annotations',
  'images',
]);

/** What is known of one choice. */
interface ChoiceState {
  readonly calls: CallPlaces;
  stopped: boolean;
}

/**
 * Reads the chunks of one streamed answer, one at a time. Holds only which tool calls began and which choices stopped: it
 * is made anew for each attempt.
 */
export class ChunkReader {
  #started = false;
  /** Members of chunks that were told already: `system_fingerprint` and the like stand in each. At most one stream's. */
  readonly #known = new Set(CHUNK_FIELDS);
  readonly #choices = new Map<number, ChoiceState>();
  readonly #names: ReadonlyMap<string, ToolName> | undefined;
  #id = '';

  /** @param names the client's names for tools whose names had to change */
  constructor(names?: ReadonlyMap<string, ToolName>) {
    this.#names = names;
  }

  /** Whether a choice stopped, so that a server which sends no `[DONE]` may end here. */
  get stopped(): boolean {
    for (const state of this.#choices.values()) if (state.stopped) return true;
    return false;
  }

  /**
   * @param value the parsed data of one event; `[DONE]` is the caller's to recognize
   * @throws MalformedAnswerError
   */
  read(value: unknown): ChatEvent[] {
    if (!isObject(value)) throw new MalformedAnswerError('a chunk');
    const error = errorIn(value);
    if (error !== undefined) return [errorEvent(error)];
    // Azure's first chunk has no choices, other servers' last one has null.
    const choices = value.choices ?? [];
    if (!Array.isArray(choices)) throw new MalformedAnswerError('choices');
    const events: ChatEvent[] = [];
    const extra = takeExtra(WIRE, value, this.#known);
    if (!this.#started) {
      const start = readStart(value);
      this.#id = start.id;
      events.push({ ...start, extra });
    } else if (extra)
      events.push({ type: 'other', original: { wire: WIRE, value: { chunk: extra.fields } } });
    this.#started = true;
    if (extra) for (const name of Object.keys(extra.fields)) this.#known.add(name);
    for (let position = 0; position < choices.length; position++) {
      this.#readChoice(choices[position], position, events);
    }
    const usage =
      readUsage(value.usage) ?? readUsage(isObject(value.x_groq) ? value.x_groq.usage : undefined);
    if (usage) events.push({ type: 'usage', usage });
    return events;
  }

  #readChoice(value: unknown, position: number, events: ChatEvent[]): void {
    if (value === null) return;
    if (!isObject(value)) throw new MalformedAnswerError(`choices[${position}]`);
    const choice = typeof value.index === 'number' ? value.index : position;
    const state = this.#state(choice);
    // Some servers send one whole message in place of deltas.
    const delta = isObject(value.delta) ? value.delta : isObject(value.message) ? value.message : {};
    const reasoning = reasoningText(delta);
    if (reasoning !== undefined) events.push({ type: 'reasoning', choice, text: reasoning });
    this.#readDetails(delta, choice, reasoning !== undefined, events);
    this.#readContent(delta.content, choice, events);
    const { refusal } = delta;
    if (typeof refusal === 'string' && refusal !== '')
      events.push({ type: 'refusal', choice, text: refusal });
    if (Array.isArray(delta.annotations)) {
      for (const citation of delta.annotations.flatMap(readAnnotation))
        events.push({ type: 'citation', choice, citation });
    }
    if (Array.isArray(delta.images)) {
      for (const part of readImages(delta.images)) events.push({ type: 'media', choice, part });
    }
    if (Array.isArray(delta.tool_calls)) {
      for (let index = 0; index < delta.tool_calls.length; index++)
        this.#readCall(delta.tool_calls[index], choice, state, events);
    }
    pushOther(choice, takeExtra(WIRE, delta, DELTA_FIELDS)?.fields, 'delta', events);
    pushOther(choice, takeExtra(WIRE, value, CHOICE_FIELDS)?.fields, 'choice', events);
    const stop = readStop(value.finish_reason, state.calls.size > 0);
    if (!stop || state.stopped) return;
    state.stopped = true;
    events.push({ type: 'stop', choice, stop });
  }

  #readContent(content: unknown, choice: number, events: ChatEvent[]): void {
    if (typeof content === 'string') {
      if (content !== '') events.push({ type: 'text', choice, text: content });
    } else if (Array.isArray(content)) {
      for (const part of readContentList(content)) {
        if ((part.type === 'text' || part.type === 'reasoning') && part.text !== '')
          events.push({ type: part.type, choice, text: part.text });
        else if (part.type === 'other')
          pushOther(choice, { content: [part.original.value] }, 'delta', events);
      }
    }
  }

  /** OpenRouter's details: their text again, where the plain member did not say it, and the state. */
  #readDetails(delta: JsonObject, choice: number, said: boolean, events: ChatEvent[]): void {
    if (!Array.isArray(delta.reasoning_details)) return;
    for (const { text, id, signature, encrypted } of delta.reasoning_details.flatMap(readDetail)) {
      if (!said && text !== '') events.push({ type: 'reasoning', choice, text });
      if (signature || encrypted) events.push({ type: 'reasoning_state', choice, id, signature, encrypted });
    }
  }

  /** A call begins in the first piece that names it. Some servers send a whole call at once, arguments as an object. */
  #readCall(value: unknown, choice: number, state: ChoiceState, events: ChatEvent[]): void {
    if (value === null) return;
    if (!isObject(value)) throw new MalformedAnswerError('tool_calls');
    const custom = isObject(value.custom) ? value.custom : undefined;
    const called = custom ?? (isObject(value.function) ? value.function : {});
    const id = typeof value.id === 'string' ? value.id : '';
    const index = typeof value.index === 'number' ? value.index : undefined;
    const name = typeof called.name === 'string' && called.name !== '' ? called.name : undefined;
    let call = state.calls.find(index, id, name !== undefined);
    if (call === undefined) {
      if (name === undefined) {
        state.calls.holdId(index, id);
        if (id === '') pushOther(choice, { tool_calls: [value] }, 'delta', events);
        return;
      }
      const given = id === '' ? state.calls.heldId(index) : id;
      call = state.calls.begin(index, given);
      const signature = readCallSignature(value);
      events.push({
        type: 'tool_call',
        choice,
        call,
        id: given === '' ? madeCallId(this.#id, choice, call) : given,
        ...(this.#names?.get(name) ?? { name }),
        ...(custom && { custom: true }),
        ...(signature && { signature }),
      });
    }
    const given = custom ? custom.input : called.arguments;
    const text = isObject(given) ? JSON.stringify(given) : given;
    if (typeof text === 'string' && text !== '') events.push({ type: 'tool_arguments', choice, call, text });
  }

  #state(choice: number): ChoiceState {
    const known = this.#choices.get(choice);
    if (known) return known;
    const made: ChoiceState = { calls: new CallPlaces(), stopped: false };
    this.#choices.set(choice, made);
    return made;
  }
}

/** Where servers put an error of the middle of a stream: OpenAI's place, Mistral's and vLLM's, Groq's, OpenRouter's. */
function errorIn(chunk: JsonObject): unknown {
  if (chunk.error !== undefined && chunk.error !== null) return chunk.error;
  if (chunk.object === 'error') return chunk;
  if (isObject(chunk.x_groq) && typeof chunk.x_groq.error === 'string') return chunk.x_groq.error;
  if (!Array.isArray(chunk.choices)) return undefined;
  for (const choice of chunk.choices) {
    if (!isObject(choice)) continue;
    if (isObject(choice.error)) return choice.error;
    if (choice.finish_reason === 'error') return {};
  }
  return undefined;
}

/** An error in the middle of a stream, as an event. */
export function errorEvent(error: unknown): ChatEvent {
  return { type: 'error', error: readErrorObject(error), original: { wire: WIRE, value: error } };
}

function readStart(chunk: JsonObject): StartEvent {
  return {
    type: 'start',
    id: typeof chunk.id === 'string' ? chunk.id : '',
    model: typeof chunk.model === 'string' ? chunk.model : '',
    created: typeof chunk.created === 'number' ? chunk.created : 0,
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
