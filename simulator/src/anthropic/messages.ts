import { countTurnTokens } from '../model/prompt.ts';
import { askModel } from '../model/reply.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import type { Framing } from '../serving/framing.ts';
import { anthropicFraming, windowError } from './anthropic-wire.ts';
import { checkMessages, takesSystemRole } from './check-messages.ts';
import { readMessagesPrompt } from './read-messages-prompt.ts';
import { messageBody, messageEvents } from './write-message.ts';

/** Answers `POST /v1/messages`, https://docs.claude.com/en/api/messages. Throws `AnthropicError`. */
export function messages(request: SurfaceRequest, framing: Framing = anthropicFraming): Answer {
  const version = request.headers['anthropic-version'];
  checkMessages(request.body, request.signer, takesSystemRole(version ?? ''));
  const answer = windowError(() => askModel(request, readMessagesPrompt(request.body)));
  const content: Answer['content'] = request.stream
    ? { kind: 'stream', events: messageEvents(request, answer), framing }
    : { kind: 'json', body: JSON.stringify(messageBody(request, answer)) };
  return { inputTokens: answer.usage.input, outputTokens: answer.usage.output, content };
}

/** Answers `POST /v1/messages/count_tokens`, https://docs.claude.com/en/api/messages-count-tokens. */
export function countMessages({ body, signer, headers }: SurfaceRequest): Answer {
  checkMessages(
    { ...body, max_tokens: 100_000 },
    signer,
    takesSystemRole(headers['anthropic-version'] ?? ''),
  );
  const tokens = countTurnTokens(readMessagesPrompt(body).turns);
  return {
    inputTokens: 0,
    outputTokens: 0,
    content: { kind: 'json', body: JSON.stringify({ input_tokens: tokens }) },
  };
}
