import type { Citation } from '../../chat/chat-content.ts';
import type { ChatEvent, DeltaEvent, StartEvent, StopEvent } from '../../chat/chat-event.ts';
import { CustomCallUnwrapper } from '../../chat/custom-tools.ts';
import { writeMediaUrl } from '../../chat/data-url.ts';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { nextThought } from './next-thought.ts';
import { olderReason } from './older-functions.ts';
import { openAiErrorOf } from './openai-errors.ts';
import { writeReasoningDetails } from './reasoning-details.ts';
import { writeAnnotation } from './write-answer.ts';
import { writeStop } from './write-stop.ts';
import { writeUsage } from './write-usage.ts';

const DELTA_NAMES = { text: 'content', reasoning: 'reasoning_content', refusal: 'refusal' } as const;

/** What comes between two parts of text. */
const ENDS_TEXT: ReadonlySet<ChatEvent['type']> = new Set<ChatEvent['type']>([
  'part_end',
  'reasoning',
  'reasoning_state',
  'refusal',
  'tool_call',
  'media',
]);

/** What is known of one choice. */
interface ChoiceState {
  /** Reasoning since the last state, which completes it. */
  reasoning: string;
  /** The last of the text of thoughts that are over. */
  thought: string;
  summary: boolean;
  /** UTF-16 units of text so far, and where in it the current part began: citations are placed in that one. */
  textLength: number;
  partStart: number;
  /** Citations of the current part that came in front of its text, as Anthropic's do: they wait for where it ends. */
  waiting: Citation[];
  /** Which calls are custom ones. */
  custom: Set<number>;
}

/** Writes the events of one streamed answer as `chat.completion.chunk` objects. Made anew for each answer. */
export class ChunkWriter {
  readonly #includeUsage: boolean;
  readonly #dropped = new DroppedFields('openai-chat');
  readonly #unwrapper: CustomCallUnwrapper;
  readonly #olderFunctions: boolean;
  #start: StartEvent | undefined;
  #extra: JsonObject = {};
  #frame: readonly [string, string] | undefined;
  /** Choices whose first delta was written: that one names the role. */
  readonly #choices = new Map<number, ChoiceState>();

  /**
   * @param includeUsage whether the client asked for the usage chunk
   * @param customNames the tools that the client declared as custom ones
   * @param olderFunctions the client knows one `function_call`, and no tool calls
   */
  constructor(includeUsage: boolean, customNames: ReadonlySet<string> = new Set(), olderFunctions = false) {
    this.#includeUsage = includeUsage;
    this.#olderFunctions = olderFunctions;
    this.#unwrapper = new CustomCallUnwrapper(customNames);
  }

  /** Paths of what the wire could not express so far. */
  get dropped(): readonly string[] {
    return this.#dropped.names;
  }

  /** The objects to send for an event. */
  write(event: ChatEvent): JsonObject[] {
    const chunks: JsonObject[] = [];
    for (const one of this.#unwrapper.take(event)) {
      const waited = this.#waited(one);
      if (waited) chunks.push(waited);
      const chunk = this.#writeOne(one);
      if (chunk) chunks.push(chunk);
    }
    return chunks;
  }

  /**
   * The frame for text of a choice that has begun, built without an object: most events of most streams. Undefined where
   * `write` has to be asked.
   */
  textFrame({ choice, text }: DeltaEvent): string | undefined {
    const state = this.#choices.get(choice);
    if (!state) return undefined;
    state.textLength += text.length;
    this.#frame ??= this.#frameParts();
    const [head, tail] = this.#frame;
    return `${head}{"index":${choice},"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}${tail}`;
  }

  /** What stands before and after the choice in each frame. */
  #frameParts(): readonly [string, string] {
    const whole = JSON.stringify(this.#chunk(['*'], {}));
    const at = whole.indexOf('"choices":["*"]') + '"choices":['.length;
    return [`data: ${whole.slice(0, at)}`, `${whole.slice(at + '"*"'.length)}\n\n`];
  }

  #writeOne(event: ChatEvent): JsonObject | undefined {
    if (ENDS_TEXT.has(event.type) && 'choice' in event) this.#endText(event.choice);
    switch (event.type) {
      case 'start':
        this.#start = event;
        this.#extra = this.#dropped.keepExtra(event.extra, '');
        return undefined;
      case 'text':
      case 'reasoning':
      case 'refusal':
        return this.#textDelta(event);
      case 'reasoning_state':
        return this.#reasoningState(event);
      case 'citation':
        return this.#citation(event);
      case 'media':
        return this.#media(event);
      case 'tool_call':
        return this.#olderFunctions
          ? this.#functionCall(event, { name: event.name, arguments: '' })
          : this.#toolCall(event);
      case 'tool_arguments': {
        if (this.#olderFunctions) return this.#functionCall(event, { arguments: event.text });
        const name = this.#state(event.choice).custom.has(event.call) ? 'custom' : 'function';
        const content = name === 'custom' ? { input: event.text } : { arguments: event.text };
        return this.#delta(event.choice, { tool_calls: [{ index: event.call, [name]: content }] });
      }
      case 'stop':
        return this.#stop(event);
      case 'usage':
        return this.#includeUsage ? this.#chunk([], { usage: writeUsage(event.usage) }) : undefined;
      case 'error':
        return this.#error(event);
      case 'other':
        return this.#other(this.#dropped.keepOriginal(event.original, 'stream'));
      case 'part_end':
        return this.#partEnd(event.choice);
      case 'end':
        return undefined;
    }
  }

  #textDelta(event: Extract<ChatEvent, { type: 'text' | 'reasoning' | 'refusal' }>): JsonObject {
    const first = !this.#choices.has(event.choice);
    const state = this.#state(event.choice);
    if (event.type === 'text') state.textLength += event.text.length;
    let { text } = event;
    if (event.type === 'reasoning') {
      state.reasoning += text;
      state.summary = event.summary ?? false;
      text = nextThought(state.thought, text);
      if (text !== '') state.thought = '';
    }
    const delta = { [DELTA_NAMES[event.type]]: text };
    return this.#write(event.choice, first, delta, { finish_reason: null });
  }

  #endText(choice: number): void {
    const state = this.#choices.get(choice);
    if (state) state.partStart = state.textLength;
  }

  /** A thought without a state is over: the next one is a part of its own. */
  #partEnd(choice: number): undefined {
    const state = this.#choices.get(choice);
    if (state) endThought(state);
  }

  #reasoningState(event: Extract<ChatEvent, { type: 'reasoning_state' }>): JsonObject | undefined {
    const state = this.#choices.get(event.choice);
    const { id, signature, encrypted } = event;
    const details = writeReasoningDetails({
      type: 'reasoning',
      text: state?.reasoning ?? '',
      summary: state?.summary,
      id,
      signature,
      encrypted,
    });
    if (state) endThought(state);
    return details.length === 0 ? undefined : this.#delta(event.choice, { reasoning_details: details });
  }

  #citation({ choice, citation }: Extract<ChatEvent, { type: 'citation' }>): JsonObject | undefined {
    if (citation.url === undefined) {
      this.#dropped.add('stream.citations');
      return undefined;
    }
    const state = this.#choices.get(choice);
    const { partStart = 0, textLength = 0 } = state ?? {};
    if (citation.end === undefined && textLength === partStart) {
      (state ?? this.#state(choice)).waiting.push(citation);
      return state ? undefined : this.#write(choice, true, {}, { finish_reason: null });
    }
    const annotation = writeAnnotation(citation, partStart, textLength - partStart);
    return this.#delta(choice, { annotations: [annotation] });
  }

  /** What waited for the end of the text that the event ends. */
  #waited(event: ChatEvent): JsonObject | undefined {
    if (!('choice' in event) || !(ENDS_TEXT.has(event.type) || event.type === 'stop')) return undefined;
    const state = this.#choices.get(event.choice);
    if (!state || state.waiting.length === 0) return undefined;
    const { partStart, textLength, waiting } = state;
    state.waiting = [];
    return this.#delta(event.choice, {
      annotations: waiting.map((citation) => writeAnnotation(citation, partStart, textLength - partStart)),
    });
  }

  #media({ choice, part }: Extract<ChatEvent, { type: 'media' }>): JsonObject | undefined {
    const { source } = part;
    if (part.type === 'audio' && source.kind === 'base64')
      return this.#delta(choice, { audio: { data: source.data, transcript: part.transcript ?? '' } });
    const url = part.type === 'image' ? writeMediaUrl(source) : undefined;
    if (url !== undefined)
      return this.#delta(choice, { images: [{ type: 'image_url', image_url: { url } }] });
    this.#dropped.add('stream.media');
    return undefined;
  }

  #stop({ choice, stop }: StopEvent): JsonObject {
    const reason = writeStop(stop, 'stream.finish_reason', this.#dropped);
    return this.#choice(choice, {}, { finish_reason: this.#olderFunctions ? olderReason(reason) : reason });
  }

  /** The first call of a choice alone has a place in the older form. */
  #functionCall(
    { choice, call }: { choice: number; call: number },
    called: JsonObject,
  ): JsonObject | undefined {
    if (call === 0) return this.#delta(choice, { function_call: called });
    this.#dropped.add('stream.tool_calls');
    return undefined;
  }

  #toolCall(event: Extract<ChatEvent, { type: 'tool_call' }>): JsonObject {
    const { call: index, id, name, choice } = event;
    if (event.custom) {
      const delta = { tool_calls: [{ index, id, type: 'custom', custom: { name, input: '' } }] };
      const first = !this.#choices.has(choice);
      this.#state(choice).custom.add(index);
      return this.#write(choice, first, delta, { finish_reason: null });
    }
    const call = { index, id, type: 'function', function: { name, arguments: '' } };
    return this.#delta(choice, { tool_calls: [call] });
  }

  #state(choice: number): ChoiceState {
    const known = this.#choices.get(choice);
    if (known) return known;
    const made: ChoiceState = {
      reasoning: '',
      thought: '',
      summary: false,
      textLength: 0,
      partStart: 0,
      waiting: [],
      custom: new Set(),
    };
    this.#choices.set(choice, made);
    return made;
  }

  #delta(choice: number, delta: JsonObject): JsonObject {
    return this.#choice(choice, delta, { finish_reason: null });
  }

  #choice(choice: number, delta: JsonObject, rest: JsonObject): JsonObject {
    const first = !this.#choices.has(choice);
    if (first) this.#state(choice);
    return this.#write(choice, first, delta, rest);
  }

  #write(choice: number, first: boolean, delta: JsonObject, rest: JsonObject): JsonObject {
    return this.#chunk(
      [{ index: choice, delta: first ? { role: 'assistant', ...delta } : delta, ...rest }],
      {},
    );
  }

  #chunk(choices: readonly unknown[], rest: JsonObject): JsonObject {
    const { id = '', created = 0, model = '' } = this.#start ?? {};
    return { id, object: 'chat.completion.chunk', created, model, choices, ...this.#extra, ...rest };
  }

  #error({ error, original }: Extract<ChatEvent, { type: 'error' }>): JsonObject {
    return original.wire === 'openai-chat' && original.value !== undefined
      ? { error: original.value }
      : { error: openAiErrorOf(error) };
  }

  #other(original: unknown): JsonObject | undefined {
    if (!isObject(original)) return undefined;
    if (isObject(original.chunk)) return this.#chunk([], original.chunk);
    const choice = typeof original.index === 'number' ? original.index : 0;
    const delta = isObject(original.delta) ? original.delta : {};
    const rest = isObject(original.choice) ? original.choice : {};
    return this.#choice(choice, delta, { finish_reason: null, ...rest });
  }
}

function endThought(state: ChoiceState): void {
  if (state.reasoning !== '') state.thought = state.reasoning;
  state.reasoning = '';
}
