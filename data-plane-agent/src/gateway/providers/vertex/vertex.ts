import { providerPreset } from '@bonito/protocol';
import { isObject } from '../../chat/wire.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { geminiDialect } from '../gemini-compatible/gemini-dialect.ts';
import { embeddingsDialect } from '../gemini-compatible/google-embeddings.ts';
import { imagenDialect } from '../gemini-compatible/imagen.ts';
import { readError } from '../gemini-compatible/read-error.ts';
import { authorizeByHeader } from '../openai-compatible/authorize-by-header.ts';
import { openAiChatDialect } from '../openai-compatible/openai-chat-dialect.ts';
import type { ChatDialect, ProviderKind } from '../provider-kind.ts';
import { claudeOnVertex, countClaudeTokens } from './claude-on-vertex.ts';
import { locationPath, modelPath } from './vertex-address.ts';

const geminiChat = geminiDialect({
  address: (target, method) => ({ path: modelPath(target, 'google', method) }),
  labels: true,
  // Vertex sells throughput by headers and contracts, not by a field.
  serviceTiers: false,
});

/**
 * Partners' and open models by the OpenAI-compatible endpoint; the model as `publisher/model`.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/maas/call-open-model-apis
 */
const openAiChat = openAiChatDialect({
  preset: providerPreset(undefined),
  address: (target) => ({ path: `${locationPath(target)}/endpoints/openapi/chat/completions` }),
  readError,
});

const BY_WIRE: Readonly<Record<string, ChatDialect>> = {
  'gemini-content': geminiChat,
  'anthropic-messages': claudeOnVertex,
  'openai-chat': openAiChat,
};
const BY_FAMILY: Readonly<Record<string, ChatDialect>> = { gemini: geminiChat, claude: claudeOnVertex };

function chatOf({ deployment }: CompiledTarget): ChatDialect | undefined {
  if (deployment.wire !== undefined) {
    return Object.hasOwn(BY_WIRE, deployment.wire) ? BY_WIRE[deployment.wire] : undefined;
  }
  const family = deployment.family.toLowerCase();
  return Object.hasOwn(BY_FAMILY, family) ? BY_FAMILY[family] : openAiChat;
}

/** @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
const embeddings = embeddingsDialect({
  address: (target) => ({ path: modelPath(target, 'google', 'predict') }),
  write: (texts, { dimensions, taskType }) => ({
    instances: texts.map((content) => ({ content, ...(taskType !== undefined && { task_type: taskType }) })),
    // A text that is too long is an error, as at OpenAI, and not cut in silence.
    parameters: {
      autoTruncate: false,
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    },
  }),
  vectors: ({ predictions }) =>
    Array.isArray(predictions)
      ? predictions.map((one: unknown) => (isObject(one) ? one.embeddings : undefined))
      : undefined,
  tokens({ predictions }) {
    if (!Array.isArray(predictions)) return undefined;
    let sum: number | undefined;
    for (const one of predictions) {
      const embedding = isObject(one) ? one.embeddings : undefined;
      const statistics = isObject(embedding) ? embedding.statistics : undefined;
      const count = isObject(statistics) ? statistics.token_count : undefined;
      if (typeof count === 'number' && count >= 0) sum = (sum ?? 0) + Math.round(count);
    }
    return sum;
  },
});

const images = imagenDialect((target) => ({ path: modelPath(target, 'google', 'predict') }));

/** Google Cloud's Vertex AI, at a regional, multi-region or global host. */
export const vertex: ProviderKind = {
  chat: chatOf,
  passes: () => [],
  operation(operation, target) {
    const isClaude = chatOf(target) === claudeOnVertex;
    if (isClaude) return operation === 'count_tokens' ? countClaudeTokens : undefined;
    if (operation === 'embeddings') return embeddings;
    if (operation === 'images.generate') return images;
    return undefined;
  },
  // A plain key is one of express mode.
  authorize: (_call, credential, target) => authorizeByHeader(credential, target, 'x-goog-api-key'),
};
