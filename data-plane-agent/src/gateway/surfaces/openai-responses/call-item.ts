import type { ToolCallEvent } from '../../chat/chat-event.ts';
import type { JsonObject } from '../../chat/wire.ts';
import { deltaHead, type ItemPlace, type ItemSink, type ItemStatus, type OpenItem } from './item-sink.ts';

/** A call of a tool that the client runs. */
export class CallItem implements OpenItem {
  readonly id: string;
  readonly index: number;
  private readonly sink: ItemSink;
  private readonly call: ToolCallEvent;
  private readonly head: string;
  private said = '';

  constructor({ id, index }: ItemPlace, sink: ItemSink, call: ToolCallEvent) {
    this.id = id;
    this.index = index;
    this.sink = sink;
    this.call = call;
    this.head = deltaHead(this);
  }

  get begun(): JsonObject {
    return this.item('in_progress');
  }

  /** Whether nothing of its arguments is missing, as far as can be told. */
  get isWhole(): boolean {
    if (this.call.custom) return true;
    if (!this.said.trimEnd().endsWith('}')) return false;
    try {
      JSON.parse(this.said);
      return true;
    } catch {
      return false;
    }
  }

  text(text: string): void {
    if (text === '') return;
    this.said += text;
    const type = this.call.custom
      ? 'response.custom_tool_call_input.delta'
      : 'response.function_call_arguments.delta';
    this.sink.delta(type, this.head, text, '');
  }

  closePart(): void {
    // Its text is one piece.
  }

  close(status: ItemStatus): JsonObject {
    const place = { item_id: this.id, output_index: this.index };
    if (this.call.custom) {
      this.sink.event('response.custom_tool_call_input.done', { ...place, input: this.said });
      return this.item(status);
    }
    // Clients parse: a call without arguments has an empty object.
    if (this.said === '') this.text('{}');
    this.sink.event('response.function_call_arguments.done', { ...place, arguments: this.said });
    return this.item(status);
  }

  private item(status: string): JsonObject {
    const { id, said, call } = this;
    const { name, namespace } = call;
    const group = namespace === undefined ? {} : { namespace };
    return call.custom
      ? { id, type: 'custom_tool_call', status, call_id: call.id, name, input: said, ...group }
      : { id, type: 'function_call', status, arguments: said, call_id: call.id, name, ...group };
  }
}
