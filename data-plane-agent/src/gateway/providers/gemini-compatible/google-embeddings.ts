import type { TokenCounts } from '@bonito/protocol';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { CallAddress, OperationDialect } from '../provider-kind.ts';
import { readError } from './read-error.ts';

/** How a host embeds texts. */
export interface Embedder {
  address(target: CompiledTarget): CallAddress;
  write(texts: readonly string[], options: EmbeddingOptions, target: CompiledTarget): JsonObject;
  /** One vector for each text. */
  vectors(answer: JsonObject): unknown;
  tokens(answer: JsonObject): number | undefined;
}

export interface EmbeddingOptions {
  readonly dimensions: number | undefined;
  /** Google's word for what the vectors are for. */
  readonly taskType: string | undefined;
}

const TAKEN = new Set(['model', 'input', 'encoding_format', 'dimensions', 'task_type']);

/** OpenAI's embeddings at a host of Google's. */
export function embeddingsDialect(embedder: Embedder): OperationDialect {
  return {
    write(body, target) {
      const options = { dimensions: readDimensions(body), taskType: readTaskType(body) };
      const dropped = Object.keys(body).filter((name) => !TAKEN.has(name) && body[name] !== null);
      return {
        value: embedder.write(readTexts(body), options, target),
        dropped,
        ...embedder.address(target),
      };
    },
    read(answer, body) {
      const vectors = embedder.vectors(answer);
      if (!Array.isArray(vectors)) throw new MalformedAnswerError('embeddings');
      const tokens = embedder.tokens(answer);
      const usage: TokenCounts | undefined = tokens === undefined ? undefined : { input: tokens };
      const asBase64 = body.encoding_format === 'base64';
      const data = vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: writeVector(vector, index, asBase64),
      }));
      const shown = { prompt_tokens: tokens ?? 0, total_tokens: tokens ?? 0 };
      return { value: { object: 'list', data, model: body.model, usage: shown }, usage };
    },
    readError,
  };
}

function readDimensions({ dimensions }: JsonObject): number | undefined {
  if (dimensions === undefined || dimensions === null) return undefined;
  if (typeof dimensions === 'number') return dimensions;
  throw new GatewayError('invalid_type', { param: 'dimensions', detail: 'It has to be of type number.' });
}

function readTaskType({ task_type: type }: JsonObject): string | undefined {
  return typeof type === 'string' ? type : undefined;
}

function readTexts({ input }: JsonObject): string[] {
  if (input === undefined || input === null) {
    throw new GatewayError('missing_required_parameter', { param: 'input' });
  }
  const texts: unknown[] = Array.isArray(input) ? input : [input];
  if (texts.every((text) => typeof text === 'string')) return texts;
  throw new GatewayError('invalid_type', { param: 'input', detail: 'This model takes text, not token ids.' });
}

function writeVector(vector: unknown, index: number, asBase64: boolean): unknown {
  const values = isObject(vector) ? vector.values : undefined;
  if (!Array.isArray(values) || !values.every((value) => typeof value === 'number')) {
    throw new MalformedAnswerError(`embeddings[${index}].values`);
  }
  if (!asBase64) return values;
  // As OpenAI writes them: 32-bit floats, the lowest byte first.
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => {
    bytes.writeFloatLE(value, at * 4);
  });
  return bytes.toString('base64');
}
