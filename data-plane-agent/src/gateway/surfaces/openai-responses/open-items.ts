import type { Citation } from '../../chat/chat-content.ts';
import type { ToolCallEvent } from '../../chat/chat-event.ts';
import type { JsonObject } from '../../chat/wire.ts';

/** What every item knows of its place. */
interface Place {
  readonly id: string;
  readonly index: number;
}

/** The part of a message that is being written. */
export interface OpenPart {
  readonly type: 'output_text' | 'refusal';
  /** What stands in front of the text in each of its deltas. */
  readonly head: string;
  text: string;
  readonly annotations: JsonObject[];
  readonly logprobs: JsonObject[];
  /** Those that stand for the whole part, whose end is not known yet. */
  readonly waiting: Citation[];
}

export interface OpenMessage extends Place {
  readonly kind: 'message';
  readonly content: JsonObject[];
  part: OpenPart | undefined;
}

export interface OpenReasoning extends Place {
  readonly kind: 'reasoning';
  readonly summary: JsonObject[];
  text: { readonly head: string; value: string } | undefined;
}

export interface OpenCall extends Place {
  readonly kind: 'call';
  readonly call: ToolCallEvent;
  readonly head: string;
  text: string;
}

/** The item that is being written. */
export type OpenItem = OpenMessage | OpenReasoning | OpenCall;

/** A call as an item of the output. */
export function callItem({ id, call, text }: OpenCall, status: string): JsonObject {
  const { name, namespace } = call;
  const group = namespace === undefined ? {} : { namespace };
  return call.custom
    ? { id, type: 'custom_tool_call', status, call_id: call.id, name, input: text, ...group }
    : { id, type: 'function_call', status, arguments: text, call_id: call.id, name, ...group };
}

/** One `url_citation`; undefined for a source without an address, which the API has no form for. */
export function writeAnnotation(citation: Citation, length: number): JsonObject | undefined {
  const { url, title, start, end, original } = citation;
  if (original.wire === 'openai-responses') return original.value as JsonObject;
  if (url === undefined) return undefined;
  return { type: 'url_citation', url, title: title ?? '', start_index: start ?? 0, end_index: end ?? length };
}
