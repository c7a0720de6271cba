import { isObject } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { embeddingsDialect } from '../gemini-compatible/google-embeddings.ts';
import { predictionTokens } from '../gemini-compatible/native-passes.ts';
import type { OperationDialect } from '../provider-kind.ts';
import { modelPath } from './vertex-address.ts';

/** Of Gemini's embedding models the first is called by `:predict` as its forerunners, the others by `:embedContent`. */
export function embeddingsOf({ deployment }: CompiledTarget): OperationDialect {
  return /(?:^|\/)gemini-embedding-(?!001)/.test(deployment.upstream_model) ? byContent : byPredict;
}

// A text that is too long is an error, as at OpenAI, and not cut in silence.
const autoTruncate = false;

/** @see https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api */
const byPredict = embeddingsDialect({
  address: (target) => ({ path: modelPath(target, 'google', 'predict') }),
  write: (texts, { dimensions, taskType }) => ({
    instances: texts.map((content) => ({ content, ...(taskType !== undefined && { task_type: taskType }) })),
    parameters: { autoTruncate, ...(dimensions !== undefined && { outputDimensionality: dimensions }) },
  }),
  vectors: ({ predictions }) =>
    Array.isArray(predictions)
      ? predictions.map((one: unknown) => (isObject(one) ? one.embeddings : undefined))
      : undefined,
  tokens: ({ predictions }) => predictionTokens(predictions),
});

/** One vector for all that a request holds, so that it may hold one text. */
const byContent = embeddingsDialect({
  address: (target) => ({ path: modelPath(target, 'google', 'embedContent') }),
  write(texts, { dimensions, taskType }) {
    if (texts.length !== 1) {
      throw new GatewayError('invalid_type', {
        param: 'input',
        detail: 'This model takes one text at a time.',
      });
    }
    return {
      content: { role: 'user', parts: texts.map((text) => ({ text })) },
      embedContentConfig: {
        autoTruncate,
        ...(taskType !== undefined && { taskType }),
        ...(dimensions !== undefined && { outputDimensionality: dimensions }),
      },
    };
  },
  vectors: ({ embedding }) => [embedding],
  tokens: ({ usageMetadata }) => readGeminiUsage(usageMetadata)?.input,
});
