import { isObject } from '../../chat/wire.ts';

/** Names to the client that something stands between its messages which it did not send. */
export const ADDED_TURN = 'messages.turn';

const WORD = { role: 'assistant', content: 'OK.' } as const;

/**
 * Messages for a server that refuses a user's words right after a tool's answer (Mistral: "Unexpected role 'user' after role
 * 'tool'"), as they come when a user breaks in, or when a tool answered a picture: a word of the assistant's stands between,
 * always the same one. An empty one is refused too.
 *
 * @returns the list itself where nothing has to stand between
 */
export function bridgeToolAnswers(messages: readonly unknown[]): readonly unknown[] {
  if (!messages.some((_message, index) => breaksIn(messages, index))) return messages;
  return messages.flatMap((message, index) => (breaksIn(messages, index) ? [WORD, message] : [message]));
}

function breaksIn(messages: readonly unknown[], index: number): boolean {
  return roleOf(messages[index]) === 'user' && roleOf(messages[index - 1]) === 'tool';
}

function roleOf(message: unknown): unknown {
  return isObject(message) ? message.role : undefined;
}
