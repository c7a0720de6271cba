import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../errors/gateway-error.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import type { Operation, OperationDialect } from '../../provider-kind.ts';
import { bedrockTarget } from '../fixtures/bedrock-target.ts';
import { deepFreeze } from '../fixtures/chat-request.ts';
import { operationDialect } from './operations.ts';

function dialect(operation: Operation, family: string): OperationDialect {
  const found = operationDialect(operation, bedrockTarget(family));
  if (!found) throw new Error(`no ${operation} for ${family}`);
  return found;
}

function write(operation: Operation, family: string, body: Record<string, unknown>) {
  const written = dialect(operation, family).write(deepFreeze(body), bedrockTarget(family));
  expect(written.path).toBe('/model/some.model-v1%3A0/invoke');
  return { value: written.value, dropped: written.dropped };
}

const HEADERS = { 'x-amzn-bedrock-input-token-count': '7' };

describe('embeddings', () => {
  it.each<[string, Record<string, unknown>, object, string[]]>([
    ['titan', { model: 'm', input: 'a' }, { inputText: 'a' }, []],
    [
      'titan-embed',
      { model: 'm', input: ['a'], dimensions: 256, user: 'u', encoding_format: 'base64' },
      { inputText: 'a', dimensions: 256 },
      ['user'],
    ],
    [
      'nova',
      { input: 'a', dimensions: 384 },
      {
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: {
          embeddingPurpose: 'GENERIC_INDEX',
          embeddingDimension: 384,
          text: { truncationMode: 'NONE', value: 'a' },
        },
      },
      [],
    ],
    ['cohere', { input: ['a', 'b'] }, { texts: ['a', 'b'], input_type: 'search_document' }, []],
    [
      'cohere',
      { input: 'a', input_type: 'search_query', dimensions: 1024 },
      { texts: ['a'], input_type: 'search_query', output_dimension: 1024 },
      [],
    ],
  ])('writes for %s %j', (family, body, value, dropped) => {
    expect(write('embeddings', family, body)).toEqual({ value, dropped });
  });

  it.each([
    ['titan', { input: ['a', 'b'] }],
    ['nova', { input: [] }],
    ['titan', { input: [1, 2] }],
    ['cohere', { input: [[1, 2]] }],
    ['cohere', {}],
    ['titan', { input: 'a', dimensions: '256' }],
  ])('refuses for %s %j', (family, body) => {
    expect(() => write('embeddings', family, body)).toThrow(GatewayError);
  });

  it.each<[string, object, object | undefined, number[][], object | undefined]>([
    ['titan', { embedding: [0.5, 1], inputTextTokenCount: 3 }, undefined, [[0.5, 1]], { input: 3 }],
    ['nova', { embeddings: [{ embeddingType: 'TEXT', embedding: [2] }] }, HEADERS, [[2]], { input: 7 }],
    [
      'cohere',
      { embeddings: [[1], [2]], response_type: 'embeddings_floats' },
      HEADERS,
      [[1], [2]],
      { input: 7 },
    ],
    [
      'cohere',
      { embeddings: { float: [[1]] }, response_type: 'embeddings_by_type' },
      undefined,
      [[1]],
      undefined,
    ],
  ])('reads the answer of %s', (family, answer, headers, vectors, usage) => {
    const read = dialect('embeddings', family).read(answer as never, { model: 'm' }, headers as never);
    const tokens = (usage as { input: number } | undefined)?.input ?? 0;
    expect(read).toEqual({
      value: {
        object: 'list',
        data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
        model: 'm',
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      },
      usage,
    });
  });

  it('gives vectors in base64 where the client asked for it', () => {
    const read = dialect('embeddings', 'titan').read({ embedding: [0.5, -2] }, { encoding_format: 'base64' });
    const [{ embedding }] = read.value.data as [{ embedding: string }];
    const bytes = Buffer.from(embedding, 'base64');
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4), bytes.length]).toEqual([0.5, -2, 8]);
  });

  it.each([
    ['titan', {}],
    ['titan', { embedding: ['x'] }],
    ['nova', { embeddings: [null] }],
    ['cohere', {}],
  ])('refuses the answer of %s %j', (family, answer) => {
    expect(() => dialect('embeddings', family).read(answer as never, {})).toThrow(MalformedAnswerError);
  });
});

describe('embeddings, by the name of the model', () => {
  it.each<[string, string, Record<string, unknown>, object, string[]]>([
    [
      'titan',
      'amazon.titan-embed-text-v1',
      { input: 'a', dimensions: 256, normalize: true },
      { inputText: 'a' },
      ['dimensions', 'normalize'],
    ],
    [
      'amazon',
      'amazon.titan-embed-text-v2:0',
      { input: 'a', dimensions: 256, normalize: true },
      { inputText: 'a', dimensions: 256, normalize: true },
      [],
    ],
    [
      'titan',
      'amazon.titan-embed-image-v1',
      { input: ['a'], dimensions: 384, normalize: true },
      { inputText: 'a', embeddingConfig: { outputEmbeddingLength: 384 } },
      ['normalize'],
    ],
    [
      'embed',
      'cohere.embed-english-v3',
      { input: ['a', 'b'], dimensions: 256, truncate: 'END' },
      { texts: ['a', 'b'], input_type: 'search_document', truncate: 'END' },
      ['dimensions'],
    ],
    [
      'embed',
      'us.cohere.embed-v4:0',
      { input: ['a'], dimensions: 256 },
      { texts: ['a'], input_type: 'search_document', output_dimension: 256 },
      [],
    ],
    [
      'amazon',
      'amazon.nova-2-multimodal-embeddings-v1:0',
      { input: 'a', embedding_purpose: 'TEXT_RETRIEVAL' },
      {
        taskType: 'SINGLE_EMBEDDING',
        singleEmbeddingParams: {
          embeddingPurpose: 'TEXT_RETRIEVAL',
          text: { truncationMode: 'NONE', value: 'a' },
        },
      },
      [],
    ],
  ])('%s %s', (family, model, body, value, dropped) => {
    const target = bedrockTarget(family, model);
    const written = operationDialect('embeddings', target)?.write(deepFreeze(body), target);
    expect(written).toMatchObject({ value, dropped });
    expect(written?.value).toEqual(value);
  });

  it('names what to do with several texts', () => {
    const target = bedrockTarget('titan', 'amazon.titan-embed-text-v2:0');
    let refused: unknown;
    try {
      operationDialect('embeddings', target)?.write({ input: ['a', 'b'] }, target);
    } catch (error) {
      refused = error;
    }
    expect(refused).toMatchObject({ param: 'input' });
    expect((refused as GatewayError).clientMessage()).toContain('or use a model that takes several');
  });
});

describe('rerank, by the name of the model', () => {
  it.each([
    ['cohere', 'some-arn', { api_version: 2 }],
    ['rerank', 'cohere.rerank-v3-5:0', { api_version: 2 }],
    ['rerank', 'amazon.rerank-v1:0', {}],
  ])('%s %s', (family, model, more) => {
    const target = bedrockTarget(family, model);
    const written = operationDialect('rerank', target)?.write(
      { query: 'q', documents: ['a', { text: 'b' }] },
      target,
    );
    expect(written?.value).toEqual({ query: 'q', documents: ['a', 'b'], ...more });
  });

  it('is not for others', () => {
    expect(operationDialect('rerank', bedrockTarget('claude', 'anthropic.claude-v2'))).toBeUndefined();
  });
});

describe('images', () => {
  it('writes for Titan and Nova Canvas', () => {
    const body = {
      prompt: 'p',
      n: 2,
      size: '1024x512',
      quality: 'hd',
      response_format: 'url',
      style: 'vivid',
      seed: 3,
    };
    expect(write('images.generate', 'nova', body)).toEqual({
      value: {
        taskType: 'TEXT_IMAGE',
        textToImageParams: { text: 'p' },
        imageGenerationConfig: { numberOfImages: 2, quality: 'premium', width: 1024, height: 512, seed: 3 },
      },
      dropped: ['style', 'response_format'],
    });
    expect(write('images.generate', 'titan', { prompt: 'p', size: 'auto', quality: 'odd' })).toEqual({
      value: {
        taskType: 'TEXT_IMAGE',
        textToImageParams: { text: 'p' },
        imageGenerationConfig: { numberOfImages: 1 },
      },
      dropped: ['quality'],
    });
  });

  it('writes for Stability', () => {
    expect(
      write('images.generate', 'stability', { prompt: 'p', size: '1920x1080', output_format: 'png' }),
    ).toEqual({
      value: { prompt: 'p', mode: 'text-to-image', aspect_ratio: '16:9', output_format: 'png' },
      dropped: [],
    });
    expect(write('images.generate', 'stability', { prompt: 'p', size: '100x99' }).dropped).toEqual(['size']);
    expect(() => write('images.generate', 'stability', { prompt: 'p', n: 2 })).toThrow(GatewayError);
    expect(() => write('images.generate', 'stability', {})).toThrow(GatewayError);
  });

  it('reads what is there', () => {
    const { read } = dialect('images.generate', 'stability');
    expect(read({ images: ['AA'], finish_reasons: [null] }, {}).value).toEqual({
      created: 0,
      data: [{ b64_json: 'AA' }],
    });
    expect(read({ finish_reasons: ['Filter reason: prompt'] }, {}).value).toEqual({ created: 0, data: [] });
    expect(() => read({ images: 3 }, {})).toThrow(MalformedAnswerError);
  });
});

describe('rerank', () => {
  const body = {
    model: 'm',
    query: 'q',
    documents: ['a', { text: 'b' }],
    top_n: 1,
    return_documents: true,
    rank_fields: [],
  };

  it('writes for Cohere and Amazon', () => {
    const value = { query: 'q', documents: ['a', 'b'], top_n: 1 };
    expect(write('rerank', 'cohere', body)).toEqual({
      value: { ...value, api_version: 2 },
      dropped: ['rank_fields'],
    });
    expect(write('rerank', 'amazon-rerank', body)).toEqual({ value, dropped: ['rank_fields'] });
    expect(() => write('rerank', 'cohere', { query: 'q' })).toThrow(GatewayError);
    expect(() => write('rerank', 'cohere', { query: 'q', documents: [3] })).toThrow(GatewayError);
  });

  it('reads results, with the documents of the request', () => {
    const answer = { results: [{ index: 1, relevance_score: 0.9 }] };
    expect(dialect('rerank', 'cohere').read(answer, body, HEADERS)).toEqual({
      value: { results: [{ index: 1, relevance_score: 0.9, document: { text: 'b' } }] },
      usage: { input: 7 },
    });
    expect(() => dialect('rerank', 'cohere').read({ results: [{}] }, body)).toThrow(MalformedAnswerError);
    expect(() => dialect('rerank', 'cohere').read({}, body)).toThrow(MalformedAnswerError);
  });
});

it.each([
  ['us.anthropic.claude-x', 'anthropic.claude-x'],
  ['us-gov.anthropic.claude-x', 'anthropic.claude-x'],
  ['arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-x', 'anthropic.claude-x'],
  [
    'arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc',
    'arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aapplication-inference-profile%2Fabc',
  ],
])('counts for the model behind the profile %s', (profile, model) => {
  const written = dialect('count_tokens', 'claude').write({ messages: [] }, bedrockTarget('claude', profile));
  expect(written.path).toBe(`/model/${model}/count-tokens`);
});

it("counts Claude's tokens with Anthropic's own body", () => {
  const target = bedrockTarget('claude', 'anthropic.claude-x');
  const counter = dialect('count_tokens', 'claude');
  const written = counter.write({ model: 'm', messages: [], system: 's' }, target);
  expect(written.path).toBe('/model/anthropic.claude-x/count-tokens');
  const { input } = written.value as { input: { invokeModel: { body: string } } };
  expect(JSON.parse(Buffer.from(input.invokeModel.body, 'base64').toString())).toEqual({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 1,
    messages: [],
    system: 's',
  });
  expect(counter.read({ inputTokens: 12 }, {})).toEqual({ value: { input_tokens: 12 }, usage: {} });
  expect(() => counter.read({}, {})).toThrow(MalformedAnswerError);
});

it.each<[Operation, string]>([
  ['embeddings', 'claude'],
  ['images.generate', 'cohere'],
  ['rerank', 'titan'],
  ['count_tokens', 'nova'],
  ['audio.speak', 'nova'],
])('has no %s for %s', (operation, family) => {
  expect(operationDialect(operation, bedrockTarget(family))).toBeUndefined();
});
