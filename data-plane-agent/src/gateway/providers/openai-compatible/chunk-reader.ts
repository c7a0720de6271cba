import type { ChatStop } from '../../chat/chat-answer.ts';
import type { Citation, ReasoningPart } from '../../chat/chat-content.ts';
import type { ChatEvent, DeltaEvent, StartEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import { CallPlaces } from './call-places.ts';
import { errorEvent, errorIn } from './chunk-errors.ts';
import { otherMembers, pushOther } from './chunk-extras.ts';
import { readAnnotation, readSources } from './read-citations.ts';
import { readContentList } from './read-content-list.ts';
import {
  argumentsText,
  customOf,
  onlyCall,
  readCallSignature,
  readDetail,
  readImages,
  reasoningText,
} from './read-parts.ts';
import { readStop, unsaidStop } from './read-stop.ts';
import { readUsage } from './read-usage.ts';
import { madeCallId, type ToolName } from './tool-names.ts';

const WIRE = 'openai-chat';
const CHUNK_FIELDS = new Set([
  'id',
  'object',
  'created',
  'model',
  'choices',
  'usage',
  'error',
  'citations',
  'search_results',
  // OpenAI's padding, which hides the length of a chunk from who listens.
  'obfuscation',
]);
const CHOICE_FIELDS = new Set(['index', 'delta', 'finish_reason', 'message', 'text', 'usage']);
const DELTA_FIELDS = new Set([
  // Mistral's, the choice's again.
  'index',
  // Groq's, of gpt-oss: the name of the text beside it says the same.
  'channel',
  'role',
  'content',
  'refusal',
  'reasoning_content',
  'reasoning',
  'reasoning_details',
  'tool_calls',
  'function_call',
  'annotations',
  'images',
]);

const NONE: readonly ReasoningPart[] = [];

/** What is known of one choice. */
interface ChoiceState {
  readonly calls: CallPlaces;
  /** Something was told of it. */
  said: boolean;
  stopped: boolean;
}

/**
 * Reads the chunks of one streamed answer, one at a time. Holds only which tool calls began and which choices stopped: it
 * is made anew for each attempt.
 */
export class ChunkReader {
  #started = false;
  #failed = false;
  /** Members of chunks that were told already: `system_fingerprint` and the like stand in each. At most one stream's. */
  readonly #known = new Set(CHUNK_FIELDS);
  readonly #choices = new Map<number, ChoiceState>();
  readonly #names: ReadonlyMap<string, ToolName> | undefined;
  #id = '';
  /** What stood in chunks before the first that says which answer this is. */
  #opening: JsonObject | undefined;
  /** The sources of the whole answer, which some servers repeat in each chunk; told when a choice is complete. */
  #sources: readonly Citation[] = [];
  #sourcesTold = false;

  /** @param names the client's names for tools whose names had to change */
  constructor(names?: ReadonlyMap<string, ToolName>) {
    this.#names = names;
  }

  /** Whether a choice stopped, so that a server which sends no `[DONE]` may end here. */
  get stopped(): boolean {
    for (const state of this.#choices.values()) if (state.stopped) return true;
    return false;
  }

  /** The stops of choices that said something and got no reason, at the end of a stream that says itself that it is one. */
  finish(): ChatEvent[] {
    const events: ChatEvent[] = [];
    // What failed did not end well.
    if (this.#failed) return events;
    for (const [choice, state] of this.#choices) {
      if (state.said && !state.stopped) this.#stop(choice, unsaidStop(state.calls.size > 0), events);
      state.stopped = true;
    }
    return events;
  }

  /**
   * @param value the parsed data of one event; `[DONE]` is the caller's to recognize
   * @throws MalformedAnswerError
   */
  read(value: unknown): ChatEvent[] {
    if (!isObject(value)) throw new MalformedAnswerError('a chunk');
    const usage = readUsage(value);
    const error = errorIn(value);
    // What was used until then is paid for.
    if (error !== undefined) {
      this.#failed = true;
      return [...(usage ? [{ type: 'usage', usage } as const] : []), errorEvent(error)];
    }
    // Azure's first chunk has no choices, other servers' last one has null.
    const choices = value.choices ?? [];
    if (!Array.isArray(choices)) throw new MalformedAnswerError('choices');
    const events: ChatEvent[] = [];
    const extra = this.#takeNew(value);
    if (this.#started) {
      if (extra) events.push({ type: 'other', original: { wire: WIRE, value: { chunk: extra } } });
    } else if (choices.length === 0 && usage === undefined && !value.id) {
      // Azure and servers before it open with a chunk that names neither answer nor model; those stand in the next.
      if (extra) this.#opening = { ...this.#opening, ...extra };
      return events;
    } else {
      events.push(this.#start(value, extra));
    }
    this.#readSources(value, events);
    for (let position = 0; position < choices.length; position++) {
      this.#readChoice(choices[position], position, events);
    }
    if (usage) events.push({ type: 'usage', usage });
    return events;
  }

  #start(chunk: JsonObject, extra: JsonObject | undefined): StartEvent {
    this.#started = true;
    const start = readStart(chunk);
    this.#id = start.id;
    const fields = { ...this.#opening, ...extra };
    return Object.keys(fields).length === 0 ? start : { ...start, extra: { wire: WIRE, fields } };
  }

  /** Members of the chunk that no chunk before it had. */
  #takeNew(chunk: JsonObject): JsonObject | undefined {
    const extra = otherMembers(chunk, this.#known);
    if (extra) for (const name of Object.keys(extra)) this.#known.add(name);
    return extra;
  }

  /** xAI names its sources with the figures, when the text is over: then there is nothing left that they could belong to. */
  #readSources(chunk: JsonObject, events: ChatEvent[]): void {
    const sources = readSources(chunk);
    if (!sources || this.#sourcesTold) return;
    this.#sources = sources;
    if (!this.stopped) return;
    this.#sourcesTold = true;
    const { citations, search_results } = chunk;
    events.push({ type: 'other', original: { wire: WIRE, value: { chunk: { citations, search_results } } } });
  }

  #readChoice(value: unknown, position: number, events: ChatEvent[]): void {
    if (value === null) return;
    if (!isObject(value)) throw new MalformedAnswerError(`choices[${position}]`);
    const choice = typeof value.index === 'number' ? value.index : position;
    const state = this.#state(choice);
    const before = events.length;
    // Some servers send one whole message in place of deltas.
    const delta = isObject(value.delta) ? value.delta : isObject(value.message) ? value.message : {};
    this.#readReasoning(delta, choice, events);
    this.#readContent(delta.content, choice, events);
    const { refusal } = delta;
    if (typeof refusal === 'string' && refusal !== '')
      events.push({ type: 'refusal', choice, text: refusal });
    if (Array.isArray(delta.annotations)) this.#readAnnotations(delta.annotations, choice, events);
    if (Array.isArray(delta.images)) {
      for (const part of readImages(delta.images)) events.push({ type: 'media', choice, part });
    }
    if (Array.isArray(delta.tool_calls)) {
      // Several calls that say no number are told apart by their places; one alone goes on with the last.
      const several = delta.tool_calls.length > 1;
      for (let place = 0; place < delta.tool_calls.length; place++)
        this.#readCall(delta.tool_calls[place], choice, state, events, several ? place : undefined);
    }
    const only = onlyCall(delta);
    if (only) this.#readCall({ index: 0, function: only }, choice, state, events);
    pushOther(choice, otherMembers(delta, DELTA_FIELDS), 'delta', events);
    pushOther(choice, otherMembers(value, CHOICE_FIELDS), 'choice', events);
    state.said ||= events.length > before;
    const stop = readStop(value.finish_reason, state.calls.size > 0);
    if (!stop || state.stopped) return;
    state.stopped = true;
    this.#stop(choice, stop, events);
  }

  #stop(choice: number, stop: ChatStop, events: ChatEvent[]): void {
    for (const citation of this.#sources) events.push({ type: 'citation', choice, citation });
    this.#sourcesTold ||= this.#sources.length > 0;
    events.push({ type: 'stop', choice, stop });
  }

  #readAnnotations(annotations: readonly unknown[], choice: number, events: ChatEvent[]): void {
    for (const annotation of annotations) {
      const [citation] = readAnnotation(annotation);
      if (citation) events.push({ type: 'citation', choice, citation });
      else pushOther(choice, { annotations: [annotation] }, 'delta', events);
    }
  }

  #readContent(content: unknown, choice: number, events: ChatEvent[]): void {
    if (typeof content === 'string') {
      if (content !== '') events.push({ type: 'text', choice, text: content });
    } else if (Array.isArray(content)) {
      for (const part of readContentList(content)) {
        if ((part.type === 'text' || part.type === 'reasoning') && part.text !== '')
          events.push({ type: part.type, choice, text: part.text });
        if (part.type === 'reasoning' && (part.signature || part.encrypted)) {
          const { signature, encrypted } = part;
          events.push({ type: 'reasoning_state', choice, signature, encrypted });
        } else if (part.type === 'other')
          pushOther(choice, { content: [part.original.value] }, 'delta', events);
      }
    }
  }

  /** OpenRouter's details say the text of the plain member again, whether it is a summary, and the state. */
  #readReasoning(delta: JsonObject, choice: number, events: ChatEvent[]): void {
    const plain = reasoningText(delta);
    const details = Array.isArray(delta.reasoning_details)
      ? delta.reasoning_details.flatMap(readDetail)
      : NONE;
    if (plain !== undefined) events.push(reasoningDelta(choice, plain, details[0]?.summary));
    for (const { text, summary, id, signature, encrypted } of details) {
      if (plain === undefined && text !== '') events.push(reasoningDelta(choice, text, summary));
      if (signature || encrypted) events.push({ type: 'reasoning_state', choice, id, signature, encrypted });
    }
  }

  /** A call begins in the first piece that names it. Some servers send a whole call at once, arguments as an object. */
  #readCall(value: unknown, choice: number, state: ChoiceState, events: ChatEvent[], place?: number): void {
    if (value === null) return;
    if (!isObject(value)) throw new MalformedAnswerError('tool_calls');
    const custom = customOf(value);
    const called = custom ?? (isObject(value.function) ? value.function : {});
    const id = typeof value.id === 'string' ? value.id : '';
    const number = typeof value.index === 'number' ? value.index : undefined;
    const index = number ?? place;
    const name = typeof called.name === 'string' && called.name !== '' ? called.name : undefined;
    let call = state.calls.find(id === '' ? index : number, id, name !== undefined);
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
    const text = custom ? custom.input : argumentsText(called.arguments);
    if (typeof text === 'string' && text !== '') events.push({ type: 'tool_arguments', choice, call, text });
  }

  #state(choice: number): ChoiceState {
    const known = this.#choices.get(choice);
    if (known) return known;
    const made: ChoiceState = { calls: new CallPlaces(), said: false, stopped: false };
    this.#choices.set(choice, made);
    return made;
  }
}

function reasoningDelta(choice: number, text: string, summary: boolean | undefined): DeltaEvent {
  return { type: 'reasoning', choice, text, ...(summary && { summary }) };
}

function readStart(chunk: JsonObject): StartEvent {
  return {
    type: 'start',
    id: typeof chunk.id === 'string' ? chunk.id : '',
    model: typeof chunk.model === 'string' ? chunk.model : '',
    created: typeof chunk.created === 'number' ? chunk.created : 0,
  };
}
