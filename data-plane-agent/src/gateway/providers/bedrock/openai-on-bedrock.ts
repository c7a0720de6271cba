import { providerPreset } from '@bonito/protocol';
import { openAiChatDialect } from '../openai-compatible/openai-chat-dialect.ts';
import type { ChatDialect } from '../provider-kind.ts';
import { readError } from './read-error.ts';
import { TaggedReasoningReader, untagAnswer } from './tagged-reasoning.ts';

const chat = openAiChatDialect({
  preset: providerPreset(undefined),
  address: () => ({ path: '/openai/v1/chat/completions' }),
  readError,
});

/**
 * OpenAI's chat wire as Bedrock serves it for OpenAI's and other open models, with Bedrock's own credentials.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
 */
export const openAiOnBedrock: ChatDialect = {
  ...chat,
  readAnswer: (body, request) => untagAnswer(chat.readAnswer(body, request)),
  eventReader: (request) => new TaggedReasoningReader(chat.eventReader(request)),
  // Bedrock fetches nothing.
  takesMediaUrls: false,
  // What does not reach the model is refused in AWS's words.
  foreignErrors: true,
};
