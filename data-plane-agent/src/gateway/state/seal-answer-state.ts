import type { ChatAnswer } from '../chat/chat-answer.ts';
import type { OutputPart } from '../chat/chat-content.ts';
import type { ChatEvent } from '../chat/chat-event.ts';
import type { Opaque } from '../chat/wire.ts';
import type { StateOwner, StateSeal } from './state-seal.ts';

/** Tags the opaque state in one event with its issuer and owner. */
export function sealEventState(event: ChatEvent, seal: StateSeal, owner: StateOwner): ChatEvent {
  if (event.type === 'reasoning_state') {
    const { signature, encrypted } = event;
    return {
      ...event,
      signature: sealed(signature, seal, owner),
      encrypted: sealed(encrypted, seal, owner),
    };
  }
  if (event.type === 'tool_call' && event.signature) {
    return { ...event, id: seal.sealIntoId(event.id, event.signature.value, owner), signature: undefined };
  }
  return event;
}

/** The same for a whole answer. */
export function sealAnswerState(answer: ChatAnswer, seal: StateSeal, owner: StateOwner): ChatAnswer {
  const sealPart = (part: OutputPart): OutputPart => {
    if (part.type === 'reasoning') {
      const { signature, encrypted } = part;
      return {
        ...part,
        signature: sealed(signature, seal, owner),
        encrypted: sealed(encrypted, seal, owner),
      };
    }
    if (part.type !== 'tool_call' || !part.signature) return part;
    return { ...part, id: seal.sealIntoId(part.id, part.signature.value, owner), signature: undefined };
  };
  const choices = answer.choices.map((choice) => ({ ...choice, content: choice.content.map(sealPart) }));
  return { ...answer, choices };
}

function sealed(state: Opaque | undefined, seal: StateSeal, owner: StateOwner): Opaque | undefined {
  return state && { value: seal.seal(state.value, owner) };
}
