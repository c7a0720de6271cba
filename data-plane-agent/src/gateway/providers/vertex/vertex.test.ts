import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { gemini } from '../gemini/gemini.ts';
import { vertex } from './vertex.ts';

function target(kind: string, model: string, family: string, basePath = ''): CompiledTarget {
  return {
    deployment: {
      id: 'd',
      name: 'm',
      provider_id: 'p',
      upstream_model: model,
      family,
      price: { revision: '1', per_million: {} },
      restrictions: [],
    },
    provider: {
      config: {
        id: 'p',
        name: 'google',
        kind,
        base_url: `https://host.example${basePath}`,
        region: 'eu',
        project: 'proj',
        credential: { from: 'none' },
        restrictions: [],
      },
      origin: 'https://host.example',
      basePath,
      unusable: undefined,
    },
    unusable: undefined,
  };
}

const ROOT = '/v1/projects/proj/locations/eu';
const ENDPOINT = 'projects/1/locations/eu/endpoints/2';

it.each([
  ['global', 'flex', ['x-vertex-ai-llm-shared-request-type', 'flex'], []],
  ['global', 'default', undefined, []],
  ['eu', 'flex', undefined, ['service_tier']],
])('buys throughput at %s by a header: %s', (region, serviceTier, headers, dropped) => {
  const { provider, ...there } = target('vertex', 'gemini-3-pro', 'gemini');
  const where = { ...there, provider: { ...provider, config: { ...provider.config, region } } };
  const request = { model: 'm', messages: [], tools: [], sampling: {}, stream: false, includeUsage: false };
  const written = vertex.chat(where)?.writeRequest({ ...request, serviceTier }, where);
  expect([written?.headers, written?.dropped]).toEqual([headers, dropped]);
  const given = new Map([['x-vertex-ai-llm-request-type', 'shared']]);
  const input = { body: {}, header: (name: string) => given.get(name), stream: false };
  expect(vertex.chat(where)?.pass(input, where).headers).toEqual(['x-vertex-ai-llm-request-type', 'shared']);
});

describe('where Google is called', () => {
  it.each([
    [
      'vertex',
      'gemini-2.5-pro',
      'gemini',
      '',
      `${ROOT}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`,
    ],
    ['vertex', ENDPOINT, 'gemini', '', `/v1/${ENDPOINT}:streamGenerateContent?alt=sse`],
    [
      'vertex',
      'claude-sonnet-4-5@20250929',
      'claude',
      '',
      `${ROOT}/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`,
    ],
    [
      'vertex',
      'mistralai/mistral-medium-3',
      'mistral',
      '',
      `${ROOT}/publishers/mistralai/models/mistral-medium-3:streamRawPredict`,
    ],
    ['vertex', 'meta/llama-4', 'llama', '', `${ROOT}/endpoints/openapi/chat/completions`],
    ['gemini', 'gemini-3-pro', 'gemini', '', '/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse'],
    ['gemini', 'tunedModels/mine', 'gemini', '/v1', '/tunedModels/mine:streamGenerateContent?alt=sse'],
  ])('%s %s', (kind, model, family, basePath, path) => {
    const where = target(kind, model, family, basePath);
    expect((kind === 'vertex' ? vertex : gemini).chat(where)?.address(where, true).path).toBe(path);
  });

  it.each(['mistral-medium-3', 'mistralai/mistral-medium-3'])(
    'names %s in the body as in the path',
    (name) => {
      const where = target('vertex', name, 'mistral');
      const body = { model: 'm', messages: [] };
      const input = { body, header: () => undefined, stream: false };
      const [native] = vertex.passes(where);
      expect(native?.wire).toBe('mistral-predict');
      for (const dialect of [vertex.chat(where), native])
        expect(dialect?.pass(input, where).edits).toEqual({ model: 'mistral-medium-3' });
    },
  );

  it.each([
    [gemini, 'gemini', ['google-count-tokens', 'google-embed', 'google-batch-embed', 'google-predict']],
    [vertex, 'gemini', ['google-count-tokens', 'google-embed', 'google-predict']],
    [vertex, 'imagen', ['google-count-tokens', 'google-embed', 'google-predict']],
    [vertex, 'claude', []],
  ])("passes Google's own methods on", (kind, family, wires) => {
    const where = target(kind === gemini ? 'gemini' : 'vertex', 'e', family);
    expect(kind.passes(where).map(({ wire }) => wire)).toEqual(wires);
  });

  it.each([
    ['google-count-tokens', { totalTokens: 7 }, {}],
    ['google-embed', { embedding: { values: [] }, usageMetadata: { promptTokenCount: 4 } }, { input: 4 }],
    ['google-batch-embed', { embeddings: [] }, undefined],
    [
      'google-predict',
      { predictions: [2, 3].map((count) => ({ embeddings: { statistics: { token_count: count } } })) },
      { input: 5 },
    ],
    [
      'google-predict',
      { predictions: [{ bytesBase64Encoded: 'A' }, { raiFilteredReason: 'x' }] },
      { images: 1 },
    ],
    ['google-predict', { predictions: [{ score: 1 }] }, undefined],
  ])('meters %s', (wire, answer, counts) => {
    const pass = gemini.passes(target('gemini', 'e', 'gemini')).find((one) => one.wire === wire);
    expect(pass?.readUsage(answer)).toEqual(counts);
  });

  it('takes the ids of calls out of bodies at the host that refuses them', () => {
    const contents = [
      { role: 'user', parts: [{ text: 'x' }] },
      { role: 'model', parts: [{ functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'S' }] },
      { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'f', response: {} } }] },
    ];
    const input = { body: { contents }, header: () => undefined, stream: false };
    const pass = (kind: typeof gemini, body: Record<string, unknown>) => {
      const where = target(kind === gemini ? 'gemini' : 'vertex', 'm', 'gemini');
      return kind.chat(where)?.pass({ ...input, body }, where).edits;
    };
    expect(pass(gemini, { contents })).toEqual({});
    expect(pass(vertex, { contents: contents.slice(0, 1) })).toEqual({});
    const inSnakeCase = [{ role: 'model', parts: [{ function_call: { id: 'a', name: 'f' } }] }];
    expect(pass(vertex, { contents: inSnakeCase })).toEqual({
      contents: [{ role: 'model', parts: [{ function_call: { name: 'f' } }] }],
    });
    expect(pass(vertex, { contents })).toEqual({
      contents: [
        contents[0],
        { role: 'model', parts: [{ functionCall: { name: 'f', args: {} }, thoughtSignature: 'S' }] },
        { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] },
      ],
    });
  });

  it('names the model inside of bodies as the path does', () => {
    const where = target('gemini', 'e', 'gemini');
    const edits = (wire: string, body: object) =>
      gemini
        .passes(where)
        .find((one) => one.wire === wire)
        ?.pass({ body: body as Record<string, unknown>, header: () => undefined, stream: false }, where)
        .edits;
    expect(edits('google-embed', { content: {} })).toEqual({});
    expect(edits('google-embed', { model: 'models/mine', content: {} })).toEqual({ model: 'models/e' });
    expect(edits('google-batch-embed', { requests: [{ model: 'models/mine', content: 1 }] })).toEqual({
      requests: [{ model: 'models/e', content: 1 }],
    });
    expect(
      edits('google-count-tokens', { generateContentRequest: { model: 'models/mine', contents: [] } }),
    ).toEqual({
      generateContentRequest: { model: 'models/e', contents: [] },
    });
  });

  it('writes Claude with the version inside and the model outside', () => {
    const where = target('vertex', 'claude', 'claude');
    const chat = vertex.chat(where);
    const body = { model: 'm', max_tokens: 1, messages: [], stream: true };
    const header = (name: string) => (name === 'anthropic-beta' ? 'b' : undefined);
    expect(chat?.pass({ body, header, stream: true }, where)).toEqual({
      edits: { model: undefined, anthropic_version: 'vertex-2023-10-16' },
      dropped: [],
      headers: ['anthropic-beta', 'b'],
    });
    const written = chat?.writeRequest(
      { model: 'm', messages: [], tools: [], sampling: {}, stream: true, includeUsage: false },
      where,
    );
    expect(written?.value).toMatchObject({ anthropic_version: 'vertex-2023-10-16', stream: true });
    expect(written?.value).not.toHaveProperty('model');
    const google = { error: { code: 404, message: 'x', status: 'NOT_FOUND' } };
    const answer = { status: 404, headers: {}, body: Buffer.from(JSON.stringify(google)) };
    expect(chat?.readError(answer).kind).toBe('model_not_found');
  });

  it('embeds in both forms', () => {
    const body = { model: 'm', input: ['a', 'b'], dimensions: 2, user: 'u' };
    const inVertex = vertex.operation('embeddings', target('vertex', 'e', 'gemini'));
    expect(inVertex?.write(body, target('vertex', 'e', 'gemini'))).toEqual({
      value: {
        instances: [{ content: 'a' }, { content: 'b' }],
        parameters: { autoTruncate: false, outputDimensionality: 2 },
      },
      dropped: ['user'],
      path: `${ROOT}/publishers/google/models/e:predict`,
    });
    const predictions = [{ embeddings: { values: [1, 2], statistics: { token_count: 3 } } }];
    expect(inVertex?.read({ predictions }, body)).toMatchObject({
      value: { data: [{ embedding: [1, 2], index: 0 }], usage: { prompt_tokens: 3 } },
      usage: { input: 3 },
    });
    const inGemini = gemini.operation('embeddings', target('gemini', 'e', 'gemini'));
    expect(inGemini?.write(body, target('gemini', 'e', 'gemini')).value).toMatchObject({
      requests: [{ model: 'models/e', content: { parts: [{ text: 'a' }] }, outputDimensionality: 2 }, {}],
    });
    expect(inGemini?.read({ embeddings: [{ values: [1] }] }, body)).toMatchObject({ usage: undefined });
  });

  it('embeds one text by content where the model is called so', () => {
    const where = target('vertex', 'gemini-embedding-2', 'gemini');
    const embeds = vertex.operation('embeddings', where);
    const body = { model: 'm', input: 'a', dimensions: 2 };
    expect(embeds?.write(body, where)).toEqual({
      value: {
        content: { role: 'user', parts: [{ text: 'a' }] },
        embedContentConfig: { autoTruncate: false, outputDimensionality: 2 },
      },
      dropped: [],
      path: `${ROOT}/publishers/google/models/gemini-embedding-2:embedContent`,
    });
    const answer = { embedding: { values: [1, 2] }, usageMetadata: { promptTokenCount: 3 } };
    expect(embeds?.read(answer, body)).toMatchObject({
      value: { data: [{ embedding: [1, 2] }] },
      usage: { input: 3 },
    });
    expect(() => embeds?.write({ ...body, input: ['a', 'b'] }, where)).toThrow(GatewayError);
    const first = target('vertex', 'gemini-embedding-001', 'gemini');
    expect(vertex.operation('embeddings', first)?.write(body, first).path).toMatch(/:predict$/);
  });

  it('draws by Imagen', () => {
    const where = target('vertex', 'imagen', 'imagen');
    const images = vertex.operation('images.generate', where);
    expect(
      images?.write({ model: 'm', prompt: 'p', n: 2, size: '1600x900', quality: 'hd' }, where),
    ).toMatchObject({
      value: { instances: [{ prompt: 'p' }], parameters: { sampleCount: 2, aspectRatio: '16:9' } },
      dropped: ['quality', 'size'],
    });
    expect(
      images?.read({ predictions: [{ bytesBase64Encoded: 'A' }, { raiFilteredReason: 'x' }] }, {}).value,
    ).toEqual({
      created: 0,
      data: [{ b64_json: 'A' }],
    });
  });
});
