import type { ChatStop } from '../../chat/chat-answer.ts';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { mergeAnthropicUsage, readAnthropicUsage } from '../../metering/read-anthropic-usage.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { ChatEventReader } from '../provider-kind.ts';
import { readCitation } from './read-block.ts';
import { readErrorObject } from './read-error.ts';
import { readRefusal, readStop } from './read-stop.ts';
import type { ClientNames } from './tool-names.ts';

const WIRE = 'anthropic-messages';
const START_FIELDS = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'stop_reason',
  'stop_sequence',
  'usage',
]);

const DELTA_EVENT_FIELDS = new Set(['type', 'delta', 'usage']);
const DELTA_FIELDS = new Set(['stop_reason', 'stop_sequence']);

/** A content block that is under way. */
interface OpenBlock {
  readonly type: string;
  /** Which call of the answer; -1 for other blocks. */
  readonly call: number;
  /** Of a block that is carried as it is: what stood in its start, and the JSON of its input so far. Of a call: its last piece. */
  start: JsonObject | undefined;
  signature: string;
  input: string;
}

/**
 * Reads the events of one streamed message. The frames' data is the event's JSON; a host that wraps it takes it out first.
 */
export class MessageEventReader implements ChatEventReader {
  private readonly names: ClientNames;
  private readonly blocks = new Map<number, OpenBlock>();
  private calls = 0;
  private usage: unknown;
  private started = false;
  private stopped = false;
  /** What the first event said already of the end; a later one counts more. */
  private earlyStop: ChatStop | undefined;

  /** @param names of tools that were sent under another name than the client's */
  constructor(names: ClientNames = new Map()) {
    this.names = names;
  }

  read(frame: StreamFrame): ChatEvent[] {
    if (frame.data.length === 0) return [];
    const event = parse(frame.data);
    switch (event.type) {
      case 'message_start':
        return this.start(event.message);
      case 'content_block_start':
        return this.startBlock(indexOf(event), event.content_block);
      case 'content_block_delta':
        return this.delta(indexOf(event), event.delta);
      case 'content_block_stop':
        return this.stopBlock(indexOf(event));
      case 'message_delta':
        return this.messageDelta(event);
      case 'message_stop':
        return [...this.stop(this.earlyStop), { type: 'end' }];
      case 'error':
        return [
          { type: 'error', error: readErrorObject(event.error), original: { wire: WIRE, value: event } },
        ];
      default:
        // `ping`, and types that were added later, which clients have to pass over.
        return [];
    }
  }

  end(): ChatEvent[] {
    return [];
  }

  /**
   * A message that goes on after its code called tools begins with content, and may hold no more than that. Some servers say
   * twice that it begins.
   */
  private start(message: unknown): ChatEvent[] {
    if (!isObject(message)) throw new MalformedAnswerError('message');
    this.usage = mergeAnthropicUsage(message.usage, this.usage);
    if (this.started) return [];
    this.started = true;
    this.earlyStop = readStop(message.stop_reason, message.stop_sequence);
    const counts = readAnthropicUsage(message.usage);
    const content: unknown[] = Array.isArray(message.content) ? message.content : [];
    return [
      {
        type: 'start',
        id: typeof message.id === 'string' ? message.id : '',
        model: typeof message.model === 'string' ? message.model : '',
        created: 0,
        usage: counts && { counts, original: { wire: WIRE, value: message.usage } },
        extra: takeExtra(WIRE, message, START_FIELDS),
      },
      // No event names a block by these places.
      ...content.flatMap((block, index) => [
        ...this.startBlock(-1 - index, block),
        ...this.stopBlock(-1 - index),
      ]),
    ];
  }

  private startBlock(index: number, block: unknown): ChatEvent[] {
    if (!isObject(block)) throw new MalformedAnswerError('content_block');
    const type = typeof block.type === 'string' ? block.type : '';
    const isCall = type === 'tool_use';
    const known = isCall || type === 'text' || type === 'thinking' || type === 'redacted_thinking';
    const open: OpenBlock = {
      type,
      call: isCall ? this.calls++ : -1,
      start: known ? undefined : block,
      signature: '',
      input: '',
    };
    this.blocks.set(index, open);
    if (isCall) return this.startCall(open, block);
    if (type === 'text') return textEvents(block);
    if (type === 'thinking') {
      if (typeof block.signature === 'string') open.signature = block.signature;
      return typeof block.thinking === 'string' && block.thinking !== ''
        ? [{ type: 'reasoning', choice: 0, text: block.thinking }]
        : [];
    }
    if (type !== 'redacted_thinking' || typeof block.data !== 'string') return [];
    return [{ type: 'reasoning_state', choice: 0, encrypted: { value: block.data } }];
  }

  private startCall(open: OpenBlock, block: JsonObject): ChatEvent[] {
    const { call } = open;
    const id = typeof block.id === 'string' ? block.id : '';
    const name = typeof block.name === 'string' ? block.name : '';
    const client = this.names.get(name) ?? { name };
    const events: ChatEvent[] = [{ type: 'tool_call', choice: 0, call, id, ...client }];
    // Nearly always empty here: the input follows in pieces.
    if (isObject(block.input) && Object.keys(block.input).length > 0) {
      open.input = JSON.stringify(block.input);
      events.push({ type: 'tool_arguments', choice: 0, call, text: open.input });
    }
    const { caller } = block;
    if (isObject(caller) && caller.type !== 'direct') events.push(other({ caller }));
    return events;
  }

  private delta(index: number, delta: unknown): ChatEvent[] {
    const open = this.blocks.get(index);
    if (!isObject(delta) || !open) return [];
    switch (delta.type) {
      case 'text_delta':
        return typeof delta.text === 'string' && delta.text !== ''
          ? [{ type: 'text', choice: 0, text: delta.text }]
          : [];
      case 'thinking_delta':
        return typeof delta.thinking === 'string' && delta.thinking !== ''
          ? [{ type: 'reasoning', choice: 0, text: delta.thinking }]
          : [];
      case 'signature_delta':
        if (typeof delta.signature === 'string') open.signature += delta.signature;
        return [];
      case 'input_json_delta':
        if (typeof delta.partial_json !== 'string' || delta.partial_json === '') return [];
        if (open.call >= 0) {
          open.input = delta.partial_json;
          return [{ type: 'tool_arguments', choice: 0, call: open.call, text: delta.partial_json }];
        }
        open.input += delta.partial_json;
        return [];
      case 'citations_delta':
        return readCitation(delta.citation).map((citation) => ({ type: 'citation', choice: 0, citation }));
      default:
        if (!open.start) return [other({ delta })];
        // The summary of a compaction, and kinds that come later.
        open.start = mergeDelta(open.start, delta);
        return [];
    }
  }

  private stopBlock(index: number): ChatEvent[] {
    const open = this.blocks.get(index);
    this.blocks.delete(index);
    if (!open) return [];
    // A call without arguments has no piece of them; clients want an object.
    if (open.call >= 0)
      return open.input === '' ? [{ type: 'tool_arguments', choice: 0, call: open.call, text: '{}' }] : [];
    if (open.type === 'text') return [{ type: 'part_end', choice: 0 }];
    if (open.type === 'thinking') {
      const signature = open.signature === '' ? undefined : { value: open.signature };
      return [{ type: 'reasoning_state', choice: 0, signature }];
    }
    if (!open.start) return [];
    const block = {
      ...open.start,
      ...(open.input !== '' && { input: parseInput(open.input) }),
      ...(open.signature !== '' && { signature: open.signature }),
    };
    return [other({ block })];
  }

  private messageDelta(event: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = [];
    const delta = isObject(event.delta) ? event.delta : {};
    const counts = readAnthropicUsage(event.usage, this.usage);
    this.usage = mergeAnthropicUsage(event.usage, this.usage);
    if (counts)
      events.push({ type: 'usage', usage: { counts, original: { wire: WIRE, value: this.usage } } });
    const more = moreOf(event, DELTA_EVENT_FIELDS);
    const moreOfDelta = moreOf(delta, DELTA_FIELDS);
    if (more || moreOfDelta)
      events.push(other({ message_delta: { ...more, ...(moreOfDelta && { delta: moreOfDelta }) } }));
    const refusal = this.stopped ? undefined : readRefusal(delta.stop_details);
    if (refusal !== undefined) events.push({ type: 'refusal', choice: 0, text: refusal });
    events.push(...this.stop(readStop(delta.stop_reason, delta.stop_sequence)));
    return events;
  }

  private stop(stop: ChatStop | undefined): ChatEvent[] {
    if (!stop || this.stopped) return [];
    this.stopped = true;
    return [{ type: 'stop', choice: 0, stop }];
  }
}

function other(value: JsonObject): ChatEvent {
  return { type: 'other', original: { wire: WIRE, value } };
}

/** The members that say something and are not among the known ones; undefined when there are none. */
function moreOf(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let more: Record<string, unknown> | undefined;
  for (const name in object) {
    const value = object[name];
    if (known.has(name) || value === null || value === undefined) continue;
    more ??= {};
    more[name] = value;
  }
  return more;
}

/** Words go on, anything else takes the place of what was there; null says nothing. */
function mergeDelta(block: JsonObject, delta: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...block };
  for (const [name, value] of Object.entries(delta)) {
    if (name === 'type' || value === null || value === undefined) continue;
    const before = merged[name];
    merged[name] = typeof value === 'string' && typeof before === 'string' ? before + value : value;
  }
  return merged;
}

function textEvents(block: JsonObject): ChatEvent[] {
  return typeof block.text === 'string' && block.text !== ''
    ? [{ type: 'text', choice: 0, text: block.text }]
    : [];
}

function indexOf(event: JsonObject): number {
  return typeof event.index === 'number' ? event.index : 0;
}

function parse(data: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(data.toString());
    if (isObject(value)) return value;
  } catch {
    // Falls through to the error that says where.
  }
  throw new MalformedAnswerError('an event');
}

function parseInput(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
