import type { OutputPart, ReasoningPart, ToolCallPart } from '../chat/chat-content.ts';
import type { ChatMessage, ChatRequest } from '../chat/chat-request.ts';
import type { Opaque } from '../chat/wire.ts';
import type { StateOwner, StateSeal } from './state-seal.ts';

/** A request as one target may see it. */
export interface OpenedRequest {
  readonly request: ChatRequest;
  /** Paths of state that this target did not issue, and that is therefore not sent to it. */
  readonly shed: readonly string[];
}

/**
 * Takes the tags off the state that a target issued itself and leaves out what it did not: another issuer's signature is
 * refused by every provider. Reasoning that is left without its proof goes with it.
 */
export function openRequestState(request: ChatRequest, seal: StateSeal, owner: StateOwner): OpenedRequest {
  const shed: string[] = [];
  const open = (state: Opaque | undefined, path: string): Opaque | undefined => {
    if (state === undefined) return undefined;
    const opened = seal.open(state.value, owner);
    if (opened.kind === 'own') return { value: opened.value };
    shed.push(path);
    return undefined;
  };
  const openReasoning = (part: ReasoningPart, path: string): OutputPart[] => {
    if (!part.signature && !part.encrypted) return [part];
    const signature = open(part.signature, `${path}.signature`);
    const encrypted = open(part.encrypted, `${path}.encrypted`);
    return signature || encrypted ? [{ ...part, signature, encrypted }] : [];
  };
  const openCall = (part: ToolCallPart, path: string): ToolCallPart => {
    const { id, state } = seal.openId(part.id, owner);
    if (state === undefined) return part;
    if (state.kind === 'own') return { ...part, id, signature: { value: state.value } };
    shed.push(`${path}.signature`);
    return { ...part, id };
  };
  const messages = request.messages.map((message, index): ChatMessage => {
    const path = `messages[${index}]`;
    if (message.role === 'tool') {
      const { id } = seal.openId(message.toolCallId, owner);
      return id === message.toolCallId ? message : { ...message, toolCallId: id };
    }
    if (message.role !== 'assistant') return message;
    const content = message.content.flatMap((part, position): OutputPart[] => {
      const inside = `${path}.content[${position}]`;
      if (part.type === 'reasoning') return openReasoning(part, inside);
      return part.type === 'tool_call' ? [openCall(part, inside)] : [part];
    });
    return { ...message, content };
  });
  return { request: { ...request, messages }, shed };
}
