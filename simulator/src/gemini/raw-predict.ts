import { AnthropicError } from '../anthropic/anthropic-error.ts';
import { countMessages, messages } from '../anthropic/messages.ts';
import { chatCompletions } from '../openai/chat-completions.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';

const version = 'vertex-2023-10-16';

/**
 * Answers Vertex's rawPredict and streamRawPredict for Claude: Anthropic's body without a model and with
 * `anthropic_version`, https://docs.claude.com/en/api/claude-on-vertex-ai. Errors are Anthropic's.
 */
export function rawPredict(request: SurfaceRequest): Answer {
  const { anthropic_version: given, ...rest } = request.body;
  if (given === undefined) throw new AnthropicError(400, 'anthropic_version: Field required');
  if (given !== version) throw new AnthropicError(400, `anthropic_version: Input should be '${version}'`);
  if (rest.model !== undefined) throw new AnthropicError(400, 'model: Extra inputs are not permitted');
  const body = rest;
  return messages({ ...request, body, stream: request.stream || body.stream === true });
}

/** Answers them for Mistral: its own body, which is OpenAI's, but that figures come unasked with every stream. */
export function mistralPredict(request: SurfaceRequest): Answer {
  return chatCompletions({
    ...request,
    body: { ...request.body, stream_options: { include_usage: true } },
  });
}

/** Answers `count-tokens:rawPredict`, whose body names the model. */
export function rawCountTokens(request: SurfaceRequest): Answer {
  return countMessages(request);
}
