import type { TokenCounts } from '@bonito/protocol';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { GatewayError } from '../../../errors/gateway-error.ts';
import { readInvocationHeaders } from '../../../metering/read-converse-usage.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import type { ErrorAnswer, OperationDialect } from '../../provider-kind.ts';
import { modelPath } from '../model-path.ts';
import { readError } from '../read-error.ts';
import { readNumber, readTexts, untaken } from './operation-input.ts';

/** How one family of models embeds by InvokeModel. */
interface Embedder {
  /** Members of the request that it takes. */
  readonly taken: ReadonlySet<string>;
  write(texts: readonly string[], body: JsonObject): JsonObject;
  /** One vector for each text. */
  read(answer: JsonObject): unknown;
}

/** Read for the answer; the model has no say in it. */
const SHAPE = ['model', 'input', 'encoding_format'];

const TITAN: Embedder = {
  taken: new Set([...SHAPE, 'dimensions', 'normalize']),
  write: (texts, body) => ({
    inputText: onlyText(texts),
    ...(body.dimensions !== undefined && { dimensions: readNumber(body, 'dimensions') }),
    ...(body.normalize !== undefined && { normalize: body.normalize }),
  }),
  read: (answer) => [answer.embedding],
};

/** Titan Text Embeddings G1: its vectors have one length. */
const TITAN_1: Embedder = {
  ...TITAN,
  taken: new Set(SHAPE),
  write: (texts) => ({ inputText: onlyText(texts) }),
};

/** Titan Multimodal Embeddings, which are given text here. */
const TITAN_MULTIMODAL: Embedder = {
  ...TITAN,
  taken: new Set([...SHAPE, 'dimensions']),
  write: (texts, body) => ({
    inputText: onlyText(texts),
    ...(body.dimensions !== undefined && {
      embeddingConfig: { outputEmbeddingLength: readNumber(body, 'dimensions') },
    }),
  }),
};

const NOVA: Embedder = {
  taken: new Set([...SHAPE, 'dimensions', 'embedding_purpose']),
  write: (texts, body) => ({
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: {
      embeddingPurpose: body.embedding_purpose ?? 'GENERIC_INDEX',
      ...(body.dimensions !== undefined && { embeddingDimension: readNumber(body, 'dimensions') }),
      text: { truncationMode: 'NONE', value: onlyText(texts) },
    },
  }),
  read: (answer) => (Array.isArray(answer.embeddings) ? answer.embeddings.map(vectorOf) : undefined),
};

/** OpenAI's form does not say what the vectors are for; Cohere wants to know. */
const COHERE: Embedder = {
  taken: new Set([...SHAPE, 'dimensions', 'input_type', 'truncate']),
  write: (texts, body) => ({
    texts,
    input_type: body.input_type ?? 'search_document',
    ...(body.truncate !== undefined && { truncate: body.truncate }),
    ...(body.dimensions !== undefined && { output_dimension: readNumber(body, 'dimensions') }),
  }),
  read: ({ embeddings }) => (isObject(embeddings) ? embeddings.float : embeddings),
};

/** Embed 3: its vectors have one length. */
const COHERE_3: Embedder = {
  ...COHERE,
  taken: new Set([...COHERE.taken].filter((name) => name !== 'dimensions')),
  write: (texts, { dimensions: _one, ...body }) => COHERE.write(texts, body),
};

/** The dialect for a maker's models; undefined for one whose models do not embed. */
export function embeddingsDialect(maker: string, model: string): OperationDialect | undefined {
  return BY_MODEL.find(([name]) => name.test(model))?.[1] ?? DIALECTS[maker];
}

function dialect(embedder: Embedder): OperationDialect {
  return {
    write: (body, target) => ({
      value: embedder.write(readTexts(body), body),
      dropped: untaken(body, embedder.taken),
      path: modelPath(target, 'invoke'),
    }),
    read(answer, body, headers) {
      const vectors = embedder.read(answer);
      if (!Array.isArray(vectors)) throw new MalformedAnswerError('embeddings');
      const usage = readUsage(answer, headers);
      const tokens = usage?.input ?? 0;
      return {
        value: {
          object: 'list',
          data: vectors.map((vector, index) => writeVector(vector, index, body.encoding_format === 'base64')),
          model: body.model,
          usage: { prompt_tokens: tokens, total_tokens: tokens },
        },
        usage,
      };
    },
    readError,
  };
}

/** By the names in Bedrock's list of models. */
const BY_MODEL: readonly (readonly [RegExp, OperationDialect])[] = [
  [/titan-embed-text-v1|titan-embed-g1/, dialect(TITAN_1)],
  [/titan-embed-image/, dialect(TITAN_MULTIMODAL)],
  [/titan-embed/, dialect(TITAN)],
  [/nova.*embed/, dialect(NOVA)],
  [/cohere\.embed-(?:english|multilingual)-v3/, dialect(COHERE_3)],
  [/cohere\.embed/, dialect(COHERE)],
];

/** For an ARN or an alias, which does not say more. */
const DIALECTS: Readonly<Partial<Record<string, OperationDialect>>> = {
  titan: dialect(TITAN),
  nova: dialect(NOVA),
  cohere: dialect(COHERE),
};

/** Titan says it in the body, all say it in the headers. */
function readUsage(answer: JsonObject, headers: ErrorAnswer['headers'] | undefined): TokenCounts | undefined {
  const said = headers && readInvocationHeaders(headers);
  if (said) return said;
  const count = answer.inputTextTokenCount ?? answer.inputTokenCount;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0
    ? { input: count }
    : undefined;
}

function onlyText(texts: readonly string[]): string {
  const [text] = texts;
  if (text !== undefined && texts.length === 1) return text;
  throw new GatewayError('invalid_type', {
    param: 'input',
    detail:
      'This model embeds one text in a request. Send one input at a time, or use a model that takes several, as Cohere Embed does.',
  });
}

function vectorOf(value: unknown): unknown {
  return isObject(value) ? value.embedding : undefined;
}

function writeVector(vector: unknown, index: number, asBase64: boolean): JsonObject {
  if (!Array.isArray(vector)) throw new MalformedAnswerError(`embeddings[${index}]`);
  if (!vector.every((number) => typeof number === 'number'))
    throw new MalformedAnswerError(`embeddings[${index}]`);
  return { object: 'embedding', index, embedding: asBase64 ? floatsAsBase64(vector) : vector };
}

/** As OpenAI writes them: 32-bit floats, the lowest byte first. */
function floatsAsBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((number, index) => {
    bytes.writeFloatLE(number, index * 4);
  });
  return bytes.toString('base64');
}
