import type { ChatAnswer, ChatStop } from '../chat/chat-answer.ts';
import type { ProviderError } from '../chat/provider-error.ts';

/**
 * The error of an answer that its provider ended for a fault of its own, or of its model's: it is none, whatever its status
 * says, and the same call may well succeed. Undefined for other reasons.
 */
export function errorOfStop({ reason, error, original }: ChatStop): ProviderError | undefined {
  if (reason !== 'failed' || error) return error;
  const word = String(original.value);
  return {
    kind: 'provider_error',
    message: `The provider gave up on its answer and ended it with "${word}". Sending the request again may help.`,
    code: word,
    retryable: true,
  };
}

/** The same of a whole answer; one with a choice that is fine stays an answer. */
export function errorOfAnswer({ choices }: ChatAnswer): ProviderError | undefined {
  const errors = choices.map(({ stop }) => stop && errorOfStop(stop));
  return errors.every((error) => error !== undefined) ? errors[0] : undefined;
}
