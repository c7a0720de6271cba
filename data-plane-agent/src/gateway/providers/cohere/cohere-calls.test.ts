import { type Simulator, startSimulator } from '@bonito/simulator';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  startTestGateway,
  TEST_CREDENTIAL,
  TEST_KEY,
  type TestGateway,
} from '../../pipeline/fixtures/test-gateway.ts';

describe('Cohere, by the real client', () => {
  let simulator: Simulator;
  let gateway: TestGateway;
  let client: OpenAI;
  beforeAll(async () => {
    simulator = await startSimulator({ credential: TEST_CREDENTIAL });
    const to = (upstreamModel: string) => ({
      baseUrl: `${simulator.url}/v2`,
      upstreamModel,
      provider: { kind: 'cohere' as const },
      deployment: { family: 'command' },
    });
    gateway = await startTestGateway({ models: { m: to('sim/plain'), limited: to('sim/status-400') } });
    client = new OpenAI({ apiKey: TEST_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  });
  afterAll(async () => {
    await gateway.close();
    await simulator.close();
  });

  it('embeds', async () => {
    const numbers = await client.embeddings.create({
      model: 'm',
      input: ['a b', 'c'],
      encoding_format: 'float',
    });
    expect(numbers.data.map(({ index, embedding }) => [index, embedding.length])).toEqual([
      [0, 1536],
      [1, 1536],
    ]);
    // Without a format the client asks for base64 and reads it.
    const read = await client.embeddings.create({ model: 'm', input: ['a b', 'c'], dimensions: 8 });
    expect(read.data.map(({ embedding }) => embedding.length)).toEqual([8, 8]);
    expect(read.usage.prompt_tokens).toBe(3);
  });

  it('ranks', async () => {
    const body = { model: 'm', query: 'red fox', documents: ['x', 'red fox'] };
    expect(await client.post('/rerank', { body })).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
    const record = (await gateway.settled(3)).at(-1);
    expect(record).toMatchObject({ surface: 'rerank', attempts: [{ quality: 'exact', tokens: {} }] });
  });

  it('says what is wrong in the words of the client’s API', async () => {
    const body = { model: 'limited', query: 'x', documents: ['y'] };
    await expect(client.post('/rerank', { body })).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
    });
  });

  it('does not transcribe', async () => {
    const form = new FormData();
    form.set('model', 'm');
    form.set('file', new File(['x'], 'a.mp3'));
    const headers = { authorization: `Bearer ${TEST_KEY}` };
    const url = `${gateway.url}/v1/audio/transcriptions`;
    const answer = await fetch(url, { method: 'POST', headers, body: form });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { error: { code: 'surface_unsupported' } },
    ]);
  });
});
