import type { ChatEvent, StartEvent } from '../../chat/chat-event.ts';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { writeStop } from './write-stop.ts';
import { writeUsage } from './write-usage.ts';

const DELTA_NAMES = { text: 'content', reasoning: 'reasoning_content', refusal: 'refusal' } as const;

/** Writes the events of one streamed answer as `chat.completion.chunk` objects. Made anew for each answer. */
export class ChunkWriter {
  readonly #includeUsage: boolean;
  readonly #dropped = new DroppedFields('openai-chat');
  #start: StartEvent | undefined;
  #extra: JsonObject = {};
  /** Choices whose first delta was written: that one names the role. */
  readonly #begun = new Set<number>();

  /** @param includeUsage whether the client asked for the usage chunk */
  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  /** Paths of what the wire could not express so far. */
  get dropped(): readonly string[] {
    return this.#dropped.names;
  }

  /** The object to send for an event; undefined when nothing is to be sent for it. */
  write(event: ChatEvent): JsonObject | undefined {
    switch (event.type) {
      case 'start':
        this.#start = event;
        this.#extra = this.#dropped.keepExtra(event.extra, '');
        return undefined;
      case 'text':
      case 'reasoning':
      case 'refusal':
        return this.#delta(event.choice, { [DELTA_NAMES[event.type]]: event.text });
      case 'tool_call': {
        const { call: index, id, name } = event;
        const call = { index, id, type: 'function', function: { name, arguments: '' } };
        return this.#delta(event.choice, { tool_calls: [call] });
      }
      case 'tool_arguments': {
        const call = { index: event.call, function: { arguments: event.text } };
        return this.#delta(event.choice, { tool_calls: [call] });
      }
      case 'stop':
        return this.#choice(event.choice, {}, { finish_reason: writeStop(event.stop) });
      case 'usage':
        return this.#includeUsage ? this.#chunk([], { usage: writeUsage(event.usage) }) : undefined;
      case 'error':
        return { error: this.#error(event) };
      case 'other':
        return this.#other(this.#dropped.keepOriginal(event.original, 'stream'));
    }
  }

  #delta(choice: number, delta: JsonObject): JsonObject {
    return this.#choice(choice, delta, { finish_reason: null });
  }

  #choice(choice: number, delta: JsonObject, rest: JsonObject): JsonObject {
    const first = !this.#begun.has(choice);
    this.#begun.add(choice);
    return this.#chunk(
      [{ index: choice, delta: first ? { role: 'assistant', ...delta } : delta, ...rest }],
      {},
    );
  }

  #chunk(choices: readonly unknown[], rest: JsonObject): JsonObject {
    const { id = '', created = 0, model = '' } = this.#start ?? {};
    return { id, object: 'chat.completion.chunk', created, model, choices, ...this.#extra, ...rest };
  }

  #error(event: Extract<ChatEvent, { type: 'error' }>): unknown {
    if (event.original.wire === 'openai-chat') return event.original.value;
    return { message: event.message, type: 'server_error', param: null, code: event.code ?? null };
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
