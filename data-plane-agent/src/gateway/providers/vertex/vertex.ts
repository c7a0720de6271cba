import { providerPreset } from '@bonito/protocol';
import type { ProviderError } from '../../chat/provider-error.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { geminiDialect } from '../gemini-compatible/gemini-dialect.ts';
import { imagenDialect } from '../gemini-compatible/imagen.ts';
import { googlePasses } from '../gemini-compatible/native-passes.ts';
import { readError } from '../gemini-compatible/read-error.ts';
import { authorizeByHeader } from '../openai-compatible/authorize-by-header.ts';
import { openAiChatDialect } from '../openai-compatible/openai-chat-dialect.ts';
import { readError as readOpenAiError } from '../openai-compatible/read-error.ts';
import type { ChatDialect, ErrorAnswer, PassDialect, ProviderKind } from '../provider-kind.ts';
import { claudeOnVertex, countClaudeTokens } from './claude-on-vertex.ts';
import { mistralOnVertex, mistralRawPredict } from './mistral-on-vertex.ts';
import { locationPath, modelPath } from './vertex-address.ts';
import { embeddingsOf } from './vertex-embeddings.ts';

const byLocation = geminiDialect({
  address: (target, method) => ({ path: modelPath(target, 'google', method) }),
  // `Unknown name "id"` is what it says to them.
  callIds: false,
  labels: true,
  // Vertex sells throughput by a header and contracts, not by a field.
  serviceTiers: false,
  penalties: true,
  logprobs: true,
  formBesideFunctions: true,
});

const TIER_HEADER = 'x-vertex-ai-llm-shared-request-type';
/** By them a client of Vertex AI says what throughput it wants. */
const THROUGHPUT = [TIER_HEADER, 'x-vertex-ai-llm-request-type'];
const TIERS = new Set(['flex', 'priority']);

/**
 * Tiers are sold at the global location alone.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/flex-paygo
 */
const geminiChat: ChatDialect = {
  ...byLocation,
  writeRequest(request, target) {
    const { serviceTier: tier, ...rest } = request;
    const isGlobal = (target.provider.config.region ?? 'global') === 'global';
    if (tier === undefined || !TIERS.has(tier) || !isGlobal) return byLocation.writeRequest(request, target);
    return { ...byLocation.writeRequest(rest, target), headers: [TIER_HEADER, tier] };
  },
  pass(input, target) {
    const headers = THROUGHPUT.flatMap((name) => {
      const value = input.header(name);
      return value === undefined ? [] : [name, value];
    });
    const passed = byLocation.pass(input, target);
    return headers.length > 0 ? { ...passed, headers } : passed;
  },
};

/**
 * Partners' and open models by the OpenAI-compatible endpoint; the model as `publisher/model`.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/maas/call-open-model-apis
 */
const openAiChat: ChatDialect = {
  ...openAiChatDialect({
    preset: providerPreset(undefined),
    address: (target) => ({ path: `${locationPath(target)}/endpoints/openapi/chat/completions` }),
    readError: readPartnerError,
  }),
  foreignErrors: true,
};

/** Errors are Google's, with the words of the server behind it where that is what refuses. */
function readPartnerError(answer: ErrorAnswer): ProviderError {
  const error = readError(answer);
  if (error.kind !== 'invalid_request') return error;
  const { kind, message, tokens } = readOpenAiError(answer);
  return kind === error.kind ? error : { ...error, kind, message: error.message || message, tokens };
}

const BY_WIRE: Readonly<Record<string, ChatDialect>> = {
  'gemini-content': geminiChat,
  'anthropic-messages': claudeOnVertex,
  'openai-chat': openAiChat,
};
const BY_FAMILY: Readonly<Record<string, ChatDialect>> = {
  gemini: geminiChat,
  claude: claudeOnVertex,
  mistral: mistralOnVertex,
};

function chatOf({ deployment }: CompiledTarget): ChatDialect | undefined {
  if (deployment.wire !== undefined) {
    return Object.hasOwn(BY_WIRE, deployment.wire) ? BY_WIRE[deployment.wire] : undefined;
  }
  const family = deployment.family.toLowerCase();
  return Object.hasOwn(BY_FAMILY, family) ? BY_FAMILY[family] : openAiChat;
}

const images = imagenDialect((target) => ({ path: modelPath(target, 'google', 'predict') }));

const googlesOwn = googlePasses(['google-count-tokens', 'google-embed', 'google-predict'], {
  address: (target, method) => ({ path: modelPath(target, 'google', method) }),
});
const MISTRALS: readonly PassDialect[] = [mistralRawPredict];

function passesOf(target: CompiledTarget): readonly PassDialect[] {
  const chat = chatOf(target);
  if (chat === mistralOnVertex) return MISTRALS;
  return chat === claudeOnVertex ? [] : googlesOwn;
}

/** Google Cloud's Vertex AI, at a regional, multi-region or global host. */
export const vertex: ProviderKind = {
  chat: chatOf,
  passes: passesOf,
  operation(operation, target) {
    const isClaude = chatOf(target) === claudeOnVertex;
    if (chatOf(target) === mistralOnVertex) return undefined;
    if (isClaude) return operation === 'count_tokens' ? countClaudeTokens : undefined;
    if (operation === 'embeddings') return embeddingsOf(target);
    if (operation === 'images.generate') return images;
    return undefined;
  },
  // A plain key is one of express mode.
  authorize: (_call, credential, target) => authorizeByHeader(credential, target, 'x-goog-api-key'),
};
