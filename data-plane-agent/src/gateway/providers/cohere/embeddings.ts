import { isObject, type JsonObject } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readCohereUsage } from '../../metering/read-cohere-usage.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { OperationDialect } from '../provider-kind.ts';
import { coherePath } from './cohere-address.ts';
import { readError } from './read-error.ts';

const TAKEN = new Set([
  'model',
  'input',
  'encoding_format',
  'dimensions',
  'input_type',
  'truncate',
  'priority',
]);

/**
 * OpenAI's embeddings by `POST /v2/embed`. OpenAI's form does not say what the vectors are for, while Cohere wants to know:
 * `input_type` is taken from the body, where clients may add it, and is `search_document` otherwise.
 *
 * @see https://docs.cohere.com/reference/embed
 */
export const cohereEmbeddings: OperationDialect = {
  write: (body, target) => ({
    value: {
      model: target.deployment.upstream_model,
      texts: readTexts(body.input),
      input_type: body.input_type ?? 'search_document',
      embedding_types: [asBase64(body) ? 'base64' : 'float'],
      ...(isGiven(body.dimensions) && { output_dimension: body.dimensions }),
      ...(isGiven(body.truncate) && { truncate: body.truncate }),
      ...(isGiven(body.priority) && { priority: body.priority }),
    },
    dropped: Object.keys(body).filter((name) => !TAKEN.has(name) && isGiven(body[name])),
    path: coherePath(target, '/embed'),
  }),
  read(answer, body) {
    const { embeddings } = answer;
    const byType: JsonObject = isObject(embeddings) ? embeddings : { float: embeddings };
    const vectors = (asBase64(body) ? byType.base64 : undefined) ?? byType.float;
    if (!Array.isArray(vectors)) throw new MalformedAnswerError('embeddings');
    const usage = readCohereUsage(answer.meta);
    const tokens = (usage?.input ?? 0) + (usage?.image_input ?? 0);
    return {
      value: {
        object: 'list',
        data: vectors.map((vector, index) => ({
          object: 'embedding',
          index,
          embedding: writeVector(vector, index, asBase64(body)),
        })),
        model: body.model,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      },
      usage,
    };
  },
  readError,
};

function asBase64(body: JsonObject): boolean {
  return body.encoding_format === 'base64';
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readTexts(input: unknown): readonly string[] {
  if (input === undefined) throw new GatewayError('missing_required_parameter', { param: 'input' });
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.every((text) => typeof text === 'string')) return texts;
  throw new GatewayError('invalid_type', { param: 'input', detail: 'This model takes text, not token ids.' });
}

/** As OpenAI writes them: numbers, or 32-bit floats with the lowest byte first. */
function writeVector(vector: unknown, index: number, base64: boolean): unknown {
  if (base64 && typeof vector === 'string') return vector;
  if (!Array.isArray(vector) || !vector.every((number) => typeof number === 'number'))
    throw new MalformedAnswerError(`embeddings[${index}]`);
  return base64 ? Buffer.from(Float32Array.from(vector).buffer).toString('base64') : vector;
}
