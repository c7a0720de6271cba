import { describe, expect, it } from 'vitest';
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
    ['vertex', 'meta/llama-4', 'llama', '', `${ROOT}/endpoints/openapi/chat/completions`],
    ['gemini', 'gemini-3-pro', 'gemini', '', '/v1beta/models/gemini-3-pro:streamGenerateContent?alt=sse'],
    ['gemini', 'tunedModels/mine', 'gemini', '/v1', '/tunedModels/mine:streamGenerateContent?alt=sse'],
  ])('%s %s', (kind, model, family, basePath, path) => {
    const where = target(kind, model, family, basePath);
    expect((kind === 'vertex' ? vertex : gemini).chat(where)?.address(where, true).path).toBe(path);
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
