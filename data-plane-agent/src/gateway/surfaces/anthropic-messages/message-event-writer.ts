import type { ChatStop, ChatUsage } from '../../chat/chat-answer.ts';
import type { ChatEvent, StartEvent } from '../../chat/chat-event.ts';
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
  /** The blocks of the calls, by the calls' places. */
  private readonly calls = new Map<number, number>();
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
    this.close();
    this.emit('message_delta', {
      type: 'message_delta',
      delta: writeStop(this.stop),
      usage: writeUsage(this.usage),
    });
    this.emit('message_stop', { type: 'message_stop' });
    return this.flush();
  }

  private take(event: ChatEvent): void {
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
        if (this.open !== 'text') this.begin('text', { type: 'text', text: '', citations: null });
        return this.delta({ type: 'citations_delta', citation: writeCitation(event.citation) });
      case 'tool_call': {
        if (event.namespace !== undefined) this.fields.add('stream.namespace');
        const block = { type: 'tool_use', id: event.id, name: event.name, input: {} };
        this.begin('tool_use', block);
        this.calls.set(event.call, this.next - 1);
        return;
      }
      case 'tool_arguments':
        return this.callDelta(event.call, event.text);
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

  private callDelta(call: number, text: string): void {
    const index = this.calls.get(call);
    if (index === undefined) return;
    const delta = { type: 'input_json_delta', partial_json: text };
    this.emit('content_block_delta', { type: 'content_block_delta', index, delta });
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

const EMPTY_THINKING: JsonObject = { type: 'thinking', thinking: '', signature: '' };
