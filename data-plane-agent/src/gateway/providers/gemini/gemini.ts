import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { geminiDialect } from '../gemini-compatible/gemini-dialect.ts';
import { embeddingsDialect } from '../gemini-compatible/google-embeddings.ts';
import { imagenDialect } from '../gemini-compatible/imagen.ts';
import { googlePasses } from '../gemini-compatible/native-passes.ts';
import { authorizeByHeader } from '../openai-compatible/authorize-by-header.ts';
import type { CallAddress, ProviderKind } from '../provider-kind.ts';

const VERSIONED = /\/v\d[a-z0-9]*$/;

/** `gemini-2.5-pro`, `models/gemini-2.5-pro` and `tunedModels/mine`; the version where the base URL has none. */
function modelPath({ deployment, provider }: CompiledTarget): string {
  const model = deployment.upstream_model;
  const version = VERSIONED.test(provider.basePath) ? '' : '/v1beta';
  return `${version}/${resourceName(model)}`;
}

function resourceName(model: string): string {
  return model.includes('/') ? model : `models/${model}`;
}

function address(target: CompiledTarget, method: string): CallAddress {
  return { path: `${modelPath(target)}:${method}` };
}

const chat = geminiDialect({
  address,
  callIds: true,
  labels: false,
  serviceTiers: true,
  // `Penalty is not enabled for models/…`, it says, and the same of the others.
  penalties: false,
  logprobs: false,
  formBesideFunctions: false,
});

/** @see https://ai.google.dev/api/embeddings#method:-models.batchembedcontents */
const embeddings = embeddingsDialect({
  address: (target) => address(target, 'batchEmbedContents'),
  write: (texts, { dimensions, taskType }, target) => ({
    requests: texts.map((text) => ({
      model: resourceName(target.deployment.upstream_model),
      content: { parts: [{ text }] },
      ...(taskType !== undefined && { taskType }),
      ...(dimensions !== undefined && { outputDimensionality: dimensions }),
    })),
  }),
  vectors: (answer) => answer.embeddings,
  tokens: ({ usageMetadata }) => readGeminiUsage(usageMetadata)?.input,
});

const images = imagenDialect((target) => address(target, 'predict'));

const passes = googlePasses(['google-count-tokens', 'google-embed', 'google-batch-embed', 'google-predict'], {
  address,
  bodyModel: ({ deployment }) => resourceName(deployment.upstream_model),
});

/** Google's Gemini API, with a key of AI Studio or a token. */
export const gemini: ProviderKind = {
  chat: () => chat,
  passes: () => passes,
  operation(operation) {
    if (operation === 'embeddings') return embeddings;
    return operation === 'images.generate' ? images : undefined;
  },
  authorize: (_call, credential, target) => authorizeByHeader(credential, target, 'x-goog-api-key'),
};
