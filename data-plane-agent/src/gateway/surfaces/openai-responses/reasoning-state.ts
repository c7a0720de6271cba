import type { ReasoningPart } from '../../chat/chat-content.ts';
import type { Opaque } from '../../chat/wire.ts';

/** What an item's `encrypted_content` stands for, and the id that the provider gave the thought. */
const MARKED = /^([se])(?:=([^:]*))?:/;

/** The state of a reasoning part. */
export type ReasoningState = Pick<ReasoningPart, 'id' | 'signature' | 'encrypted'>;

/**
 * The texts of `encrypted_content` for a part's state. The wire has one text for each item and does not know signatures, so
 * that the first letter says which of the two it is: `s:…` a signature, `e:…` the encrypted thought. With an id: `s=id:…`.
 */
export function writeReasoningState({ id, signature, encrypted }: ReasoningState): string[] {
  const mark = id === undefined ? '' : `=${encodeURIComponent(id)}`;
  const write = (letter: string, state: Opaque | undefined) =>
    state === undefined ? [] : [`${letter}${mark}:${state.value}`];
  return [...write('s', signature), ...write('e', encrypted)];
}

/** Undoes `writeReasoningState` for one text. A text without a mark is OpenAI's own encrypted thought. */
export function readReasoningState(text: string): ReasoningState {
  const match = MARKED.exec(text);
  if (!match) return { encrypted: { value: text } };
  const [mark, letter, id] = match;
  const state = { value: text.slice(mark.length) };
  const named = id === undefined ? {} : { id: decodeId(id) };
  return letter === 's' ? { ...named, signature: state } : { ...named, encrypted: state };
}

function decodeId(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
