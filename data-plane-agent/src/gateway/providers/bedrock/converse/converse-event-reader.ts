import type { ChatEvent } from '../../../chat/chat-event.ts';
import type { ChatRequest } from '../../../chat/chat-request.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import type { ChatEventReader } from '../../provider-kind.ts';
import { readException } from '../read-error.ts';
import { readUsage } from './read-answer.ts';
import { readCitation } from './read-citation.ts';
import { readStop, saysMore } from './read-stop.ts';
import { changedTools, type NamedTool, plainToolName } from './tool-names.ts';

const WIRE = 'bedrock-converse';
/** Members of the last event that say nothing beyond what is read of it. */
const KNOWN_METADATA = new Set(['usage', 'metrics', 'p']);

/** The block that is being streamed. Bedrock sends one after the other. */
interface OpenBlock {
  readonly index: unknown;
  /** Of a call: which one of the answer. */
  call: number;
  /** Nothing of the call's arguments came so far. */
  isBare: boolean;
  signature: string;
  encrypted: Buffer[];
  image: { readonly format: string; readonly bytes: Buffer[] } | undefined;
}

/** Reads the events of one ConverseStream answer. */
export class ConverseEventReader implements ChatEventReader {
  readonly #tools: ReadonlyMap<string, NamedTool>;
  #started = false;
  #stopped = false;
  #counted = false;
  #ended = false;
  #calls = 0;
  #block: OpenBlock | undefined;
  /**
   * Type and block of the last text, and whether sources were named for it. Nova sends every word as a block of its own, so
   * that texts in a row are one, unless it is about sources, which belong to their own words.
   */
  #lastType: 'text' | 'reasoning' | undefined;
  #lastIndex: unknown;
  #lastIsCited = false;

  /** @param request what was asked, for the client's own names of tools */
  constructor(request: ChatRequest | undefined) {
    this.#tools = changedTools(request);
  }

  read(frame: StreamFrame): ChatEvent[] {
    if (this.#ended) return [];
    if (frame.exception) return this.#fail(frame);
    const events: ChatEvent[] = [];
    switch (frame.event) {
      case 'messageStart':
        this.#start(events);
        break;
      case 'contentBlockStart':
        this.#startBlock(parse(frame), events);
        break;
      case 'contentBlockDelta':
        this.#delta(parse(frame), events);
        break;
      case 'contentBlockStop':
        this.#closeBlock(events);
        break;
      case 'messageStop':
        this.#stop(parse(frame), events);
        break;
      case 'metadata':
        this.#metadata(parse(frame), events);
        break;
    }
    return events;
  }

  /** `metadata` comes after `messageStop`. A stream that has the latter alone is complete, though without figures. */
  end(): ChatEvent[] {
    if (this.#ended || !this.#stopped) return [];
    this.#ended = true;
    return [{ type: 'end' }];
  }

  #fail(frame: StreamFrame): ChatEvent[] {
    this.#ended = true;
    const value = { [frame.event ?? 'exception']: frame.data.toString('utf8') };
    return [
      { type: 'error', error: readException(frame.event, frame.data), original: { wire: WIRE, value } },
    ];
  }

  #start(events: ChatEvent[]): void {
    if (this.#started) return;
    this.#started = true;
    events.push({ type: 'start', id: '', model: '', created: 0 });
  }

  #open(index: unknown): OpenBlock {
    const block = { index, call: -1, isBare: true, signature: '', encrypted: [], image: undefined };
    this.#block = block;
    return block;
  }

  #startBlock(event: JsonObject, events: ChatEvent[]): void {
    this.#start(events);
    this.#closeBlock(events);
    const block = this.#open(event.contentBlockIndex);
    const start = isObject(event.start) ? event.start : {};
    if (isObject(start.toolUse) && start.toolUse.type !== 'server_tool_use') {
      const { toolUseId } = start.toolUse;
      if (typeof start.toolUse.name !== 'string')
        throw new MalformedAnswerError('contentBlockStart.start.toolUse.name');
      const name = plainToolName(start.toolUse.name);
      const tool = this.#tools.get(name);
      block.call = this.#calls++;
      const id = typeof toolUseId === 'string' ? toolUseId : '';
      this.#lastType = undefined;
      events.push({ type: 'tool_call', choice: 0, call: block.call, id, ...(tool ?? { name }) });
    } else if (isObject(start.image) && typeof start.image.format === 'string') {
      block.image = { format: start.image.format, bytes: [] };
    } else if (Object.keys(start).length > 0) events.push(other({ contentBlockStart: event }));
  }

  #delta(event: JsonObject, events: ChatEvent[]): void {
    this.#start(events);
    const { delta, contentBlockIndex: index } = event;
    if (!isObject(delta)) throw new MalformedAnswerError('contentBlockDelta.delta');
    if (this.#block !== undefined && this.#block.index !== index) this.#closeBlock(events);
    const block = this.#block ?? this.#open(index);
    if (typeof delta.text === 'string') this.#text('text', delta.text, index, events);
    else if (isObject(delta.toolUse)) this.#arguments(delta.toolUse.input, block, event, events);
    else if (isObject(delta.reasoningContent)) this.#reasoning(delta.reasoningContent, block, events);
    else if (isObject(delta.citation)) {
      const citation = readCitation(delta.citation);
      if (!citation) return;
      // It may come before the words that it belongs to.
      this.#turnTo('text', index, true, events);
      this.#lastIsCited = true;
      events.push({ type: 'citation', choice: 0, citation });
    } else if (isObject(delta.image) && block.image) {
      const bytes = isObject(delta.image.source) ? delta.image.source.bytes : undefined;
      if (typeof bytes === 'string') block.image.bytes.push(Buffer.from(bytes, 'base64'));
    } else events.push(other({ contentBlockDelta: event }));
  }

  #text(type: 'text' | 'reasoning', text: string, index: unknown, events: ChatEvent[]): void {
    if (text === '') return;
    this.#turnTo(type, index, this.#lastIsCited, events);
    events.push({ type, choice: 0, text });
  }

  #turnTo(type: 'text' | 'reasoning', index: unknown, isCited: boolean, events: ChatEvent[]): void {
    if (this.#lastType !== type || this.#lastIndex !== index) {
      if (this.#lastType === type && isCited) events.push({ type: 'part_end', choice: 0 });
      this.#lastIsCited = false;
    }
    this.#lastType = type;
    this.#lastIndex = index;
  }

  #arguments(input: unknown, block: OpenBlock, event: JsonObject, events: ChatEvent[]): void {
    if (typeof input !== 'string' || input === '') return;
    block.isBare = false;
    if (block.call === -1) events.push(other({ contentBlockDelta: event }));
    else events.push({ type: 'tool_arguments', choice: 0, call: block.call, text: input });
  }

  /** Signature and redacted content may come in pieces; they are told when the block is complete. */
  #reasoning(delta: JsonObject, block: OpenBlock, events: ChatEvent[]): void {
    if (typeof delta.text === 'string') this.#text('reasoning', delta.text, block.index, events);
    if (typeof delta.signature === 'string') block.signature += delta.signature;
    if (typeof delta.redactedContent === 'string')
      block.encrypted.push(Buffer.from(delta.redactedContent, 'base64'));
  }

  #closeBlock(events: ChatEvent[]): void {
    const block = this.#block;
    if (block === undefined) return;
    this.#block = undefined;
    // Clients want an object.
    if (block.call !== -1 && block.isBare)
      events.push({ type: 'tool_arguments', choice: 0, call: block.call, text: '{}' });
    if (block.signature !== '' || block.encrypted.length > 0) {
      // The thought that it seals is complete: one that follows needs no other mark of its beginning.
      if (this.#lastIndex !== block.index && this.#lastType === 'reasoning')
        events.push({ type: 'part_end', choice: 0 });
      this.#lastType = undefined;
      events.push({
        type: 'reasoning_state',
        choice: 0,
        ...(block.signature !== '' && { signature: { value: block.signature } }),
        ...(block.encrypted.length > 0 && {
          encrypted: { value: Buffer.concat(block.encrypted).toString('base64') },
        }),
      });
    }
    if (block.image) {
      const data = Buffer.concat(block.image.bytes).toString('base64');
      const source = { kind: 'base64', mediaType: `image/${block.image.format}`, data } as const;
      events.push({ type: 'media', choice: 0, part: { type: 'image', source } });
    }
  }

  #stop(event: JsonObject, events: ChatEvent[]): void {
    this.#start(events);
    this.#closeBlock(events);
    if (this.#stopped) return;
    this.#stopped = true;
    const { stopReason, additionalModelResponseFields: fields } = event;
    const stop = readStop(stopReason ?? 'unknown', fields, this.#calls > 0);
    if (stop) events.push({ type: 'stop', choice: 0, stop });
    if (saysMore(fields)) events.push(other({ messageStop: { additionalModelResponseFields: fields } }));
    this.#endWhenWhole(events);
  }

  #metadata(event: JsonObject, events: ChatEvent[]): void {
    this.#start(events);
    const usage = readUsage(event.usage, event.serviceTier);
    if (usage) events.push({ type: 'usage', usage });
    const more = Object.entries(event).filter(([name, value]) => !KNOWN_METADATA.has(name) && value !== null);
    if (more.length > 0) events.push(other({ metadata: Object.fromEntries(more) }));
    this.#counted = true;
    this.#endWhenWhole(events);
  }

  #endWhenWhole(events: ChatEvent[]): void {
    if (!this.#stopped || !this.#counted) return;
    this.#ended = true;
    events.push({ type: 'end' });
  }
}

function parse(frame: StreamFrame): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(frame.data.toString('utf8'));
  } catch {
    throw new MalformedAnswerError(frame.event ?? 'a message');
  }
  if (!isObject(value)) throw new MalformedAnswerError(frame.event ?? 'a message');
  return value;
}

function other(value: JsonObject): ChatEvent {
  return { type: 'other', original: { wire: WIRE, value } };
}
