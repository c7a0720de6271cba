import { describe, expect, it } from 'vitest';
import { bodyOf, chunksOf, useSimulator } from '../test-simulator.ts';

const { post } = useSimulator();

describe('completions and embeddings', () => {
  it('answers completions, also as a stream', async () => {
    const request = { model: 'm', prompt: 'once upon', max_tokens: 3 };
    const whole = await bodyOf(await post('/v1/completions', request));
    expect(whole).toMatchObject({
      object: 'text_completion',
      usage: { prompt_tokens: 2, completion_tokens: 3 },
    });
    const stream = { ...request, stream: true, stream_options: { include_usage: true } };
    const chunks = await chunksOf(await post('/v1/completions', stream));
    expect(chunks.map((chunk) => chunk.choices[0]?.text ?? '').join('')).toBe(whole.choices[0]?.text);
    expect(chunks.at(-1)?.usage).toEqual(whole.usage);
  });

  it('answers one vector for each input, the same in both encodings', async () => {
    const request = { model: 'sim/embedding', input: ['one', 'two words'], dimensions: 5 };
    const floats = await bodyOf(await post('/v1/embeddings', request));
    const base64 = await bodyOf(await post('/v1/embeddings', { ...request, encoding_format: 'base64' }));
    expect(floats.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
    expect(floats.data.map((item) => item.embedding.length)).toEqual([5, 5]);
    const bytes = Buffer.from(String(base64.data[1]?.embedding), 'base64');
    expect([0, 1, 2, 3, 4].map((index) => bytes.readFloatLE(index * 4))).toEqual(floats.data[1]?.embedding);
  });

  it.each([
    [[1, 2, 3], 1],
    [[[1], [2, 3]], 2],
  ])('takes token numbers %j', async (input, count) => {
    const body = await bodyOf(await post('/v1/embeddings', { model: 'm', input }));
    expect(body.data).toHaveLength(count);
    expect(body.usage.prompt_tokens).toBe(3);
  });

  it.each([
    {},
    { input: [] },
    { input: ['a', 1] },
    { input: 'a', dimensions: 0 },
    { input: 'a', encoding_format: 'x' },
  ])('refuses %j', async (body) => {
    expect((await post('/v1/embeddings', { model: 'm', ...body })).status).toBe(400);
  });
});
