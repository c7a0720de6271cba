import type { ChatStop, ChatUsage } from '../../chat/chat-answer.ts';
import type { Citation } from '../../chat/chat-content.ts';
import type { ChatEvent, StartEvent, ToolArgumentsEvent, ToolCallEvent } from '../../chat/chat-event.ts';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ChatEventWriter } from '../chat-surface.ts';
import { messageId } from './write-answer.ts';
import { writeCitation } from './write-block.ts';
import { writeStop } from './write-stop.ts';
import { writeUsage } from './write-usage.ts';

/** The block that is open. */
type OpenBlock = 'text' | 'thinking' | 'tool_use';

/** Writes the events of one streamed answer as those of a message. Made anew for each answer. */
export class MessageEventWriter implements ChatEventWriter {
  private readonly fields = new DroppedFields('anthropic-messages');
  private out = '';
  private next = 0;
  private open: OpenBlock | undefined;
  /** Which call the open block is, and its arguments so far. */
  private call = -1;
  private text = '';
  /**
   * Blocks come one after the other here. While the arguments of the open call are not whole, they may still go on after
   * another call began: that one waits then.
   */
  private held: (ToolCallEvent | ToolArgumentsEvent)[] = [];
  private stop: ChatStop | undefined;
  private usage: ChatUsage | undefined;

  get dropped(): readonly string[] {
    return this.fields.names;
  }

  write(event: ChatEvent): Buffer | undefined {
    this.take(event);
    return this.flush();
  }

  end(): Buffer | undefined {
    this.writeHeld();
    this.close();
    this.emit('message_delta', {
      type: 'message_delta',
      delta: writeStop(this.stop, 'stream.stop_reason', this.fields),
      usage: writeUsage(this.usage),
    });
    this.emit('message_stop', { type: 'message_stop' });
    return this.flush();
  }

  private take(event: ChatEvent): void {
    if (this.held.length > 0 && !mayStandBetween(event)) this.writeHeld();
    switch (event.type) {
      case 'start':
        return this.start(event);
      case 'text':
      case 'refusal':
        if (this.open !== 'text') this.begin('text', { type: 'text', text: '', citations: null });
        return this.delta({ type: 'text_delta', text: event.text });
      case 'reasoning':
        if (this.open !== 'thinking') this.begin('thinking', EMPTY_THINKING);
        return this.delta({ type: 'thinking_delta', thinking: event.text });
      case 'reasoning_state':
        return this.reasoningState(event);
      case 'citation':
        return this.citation(event.citation);
      case 'tool_call':
        if (this.open === 'tool_use' && !isWhole(this.text)) this.held.push(event);
        else this.beginCall(event);
        return;
      case 'tool_arguments':
        return this.takeArguments(event);
      case 'part_end':
        return this.close();
      case 'stop':
        this.stop = event.stop;
        return;
      case 'usage':
        this.usage = event.usage;
        return;
      case 'media':
        this.fields.add('stream.media');
        return;
      case 'other':
        return this.other(this.fields.keepOriginal(event.original, 'stream'));
      case 'error':
      case 'end':
        return;
    }
  }

  private citation(cited: Citation): void {
    const citation = writeCitation(cited);
    if (!citation) return this.fields.add('stream.citations');
    if (this.open !== 'text') this.begin('text', { type: 'text', text: '', citations: null });
    this.delta({ type: 'citations_delta', citation });
  }

  private start(event: StartEvent): void {
    this.usage = event.usage;
    this.emit('message_start', {
      type: 'message_start',
      message: {
        id: messageId(event.id),
        type: 'message',
        role: 'assistant',
        model: event.model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: writeUsage(event.usage),
        ...this.fields.keepExtra(event.extra, ''),
      },
    });
  }

  private reasoningState(event: Extract<ChatEvent, { type: 'reasoning_state' }>): void {
    const { signature, encrypted } = event;
    if (signature) {
      if (this.open !== 'thinking') this.begin('thinking', EMPTY_THINKING);
      this.delta({ type: 'signature_delta', signature: signature.value });
    }
    this.close();
    if (!encrypted) return;
    this.whole({ type: 'redacted_thinking', data: encrypted.value });
  }

  /** A block of the wire's own that came whole. */
  private other(value: unknown): void {
    if (isObject(value) && isObject(value.block)) {
      this.close();
      this.whole(value.block);
    }
  }

  private beginCall(event: ToolCallEvent): void {
    if (event.namespace !== undefined) this.fields.add('stream.namespace');
    this.begin('tool_use', { type: 'tool_use', id: event.id, name: event.name, input: {} });
    this.call = event.call;
    this.text = '';
  }

  private takeArguments(event: ToolArgumentsEvent): void {
    if (this.open === 'tool_use' && this.call === event.call) {
      this.addArguments(event.text);
      if (this.held.length > 0 && isWhole(this.text)) {
        const held = this.held;
        this.held = [];
        for (const each of held) this.take(each);
      }
    } else if (this.held.some(({ type, call }) => type === 'tool_call' && call === event.call)) {
      this.held.push(event);
    } else this.fields.add('stream.tool_arguments');
  }

  private addArguments(text: string): void {
    this.text += text;
    this.delta({ type: 'input_json_delta', partial_json: text });
  }

  /** Nothing of the open call follows any more: those that wait are written, each with all that came of it. */
  private writeHeld(): void {
    const held = this.held;
    this.held = [];
    for (const event of held) {
      if (event.type !== 'tool_call') continue;
      this.beginCall(event);
      for (const each of held)
        if (each.type === 'tool_arguments' && each.call === event.call) this.addArguments(each.text);
    }
  }

  private whole(block: JsonObject): void {
    const index = this.next++;
    this.emit('content_block_start', { type: 'content_block_start', index, content_block: block });
    this.emit('content_block_stop', { type: 'content_block_stop', index });
  }

  private begin(kind: OpenBlock, block: JsonObject): void {
    this.close();
    const index = this.next++;
    this.open = kind;
    this.emit('content_block_start', { type: 'content_block_start', index, content_block: block });
  }

  private delta(delta: JsonObject): void {
    const index = this.next - 1;
    this.emit('content_block_delta', { type: 'content_block_delta', index, delta });
  }

  private close(): void {
    if (this.open === undefined) return;
    this.open = undefined;
    this.emit('content_block_stop', { type: 'content_block_stop', index: this.next - 1 });
  }

  private emit(event: string, data: JsonObject): void {
    this.out += `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  private flush(): Buffer | undefined {
    if (this.out === '') return undefined;
    const bytes = Buffer.from(this.out);
    this.out = '';
    return bytes;
  }
}

const MAY_STAND_BETWEEN: ReadonlySet<ChatEvent['type']> = new Set(['tool_call', 'tool_arguments', 'usage']);

/**
 * Whether an event does not say that the calls under way are complete. What other wires say besides stands in any piece, such
 * as the results of Azure's filter.
 */
function mayStandBetween(event: ChatEvent): boolean {
  if (event.type === 'other') return event.original.wire !== 'anthropic-messages';
  return MAY_STAND_BETWEEN.has(event.type);
}

function isWhole(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const EMPTY_THINKING: JsonObject = { type: 'thinking', thinking: '', signature: '' };
