import { type Content, GoogleGenAI, type Part } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
let client: GoogleGenAI;

beforeAll(async () => {
  simulator = await startSimulator();
  client = new GoogleGenAI({ apiKey: simulator.credentials.apiKey, httpOptions: { baseUrl: simulator.url } });
});
afterAll(() => simulator.close());

const question: Content = { role: 'user', parts: [{ text: 'What is the weather in Oslo?' }] };
const config = {
  thinkingConfig: { includeThoughts: true },
  tools: [
    {
      functionDeclarations: [
        {
          name: 'get_weather',
          parametersJsonSchema: { type: 'object', properties: { city: { type: 'string' } } },
        },
      ],
    },
  ],
};
const model = 'sim.plain';

it('generates, with thoughts outside of the candidates, and the same streamed', async () => {
  const request = { model, contents: [question], config: { thinkingConfig: { includeThoughts: true } } };
  const whole = await client.models.generateContent(request);
  let text = '';
  let usage: unknown;
  for await (const chunk of await client.models.generateContentStream(request)) {
    text += chunk.text ?? '';
    usage = chunk.usageMetadata;
  }
  expect(text).toBe(whole.text);
  expect(usage).toEqual(whole.usageMetadata);
  const {
    promptTokenCount = 0,
    candidatesTokenCount = 0,
    thoughtsTokenCount = 0,
  } = whole.usageMetadata ?? {};
  expect(thoughtsTokenCount).toBeGreaterThan(0);
  expect(whole.usageMetadata?.totalTokenCount).toBe(
    promptTokenCount + candidatesTokenCount + thoughtsTokenCount,
  );
});

it('wants its thought signatures back', async () => {
  const first = await client.models.generateContent({ model, contents: [question], config });
  const said = first.candidates?.[0]?.content ?? {};
  const call = first.functionCalls?.[0];
  const functionResponse = {
    name: 'get_weather',
    ...(call?.id && { id: call.id }),
    response: { output: 'sunny' },
  };
  const goOn = (parts: Part[] | undefined) =>
    client.models.generateContent({
      model,
      contents: [
        question,
        { role: 'model', parts: parts ?? [] },
        { role: 'user', parts: [{ functionResponse }] },
      ],
      config,
    });
  expect((await goOn(said.parts)).text).not.toBe('');
  const bare = said.parts?.map(({ thoughtSignature: _, ...part }) => part);
  await expect(goOn(bare)).rejects.toThrow('Function call is missing a thought_signature');
  const wrong = said.parts?.map((part) => ({ ...part, thoughtSignature: 'AAAA' }));
  await expect(goOn(wrong)).rejects.toThrow('Thought signature is not valid');
});

it('embeds and counts', async () => {
  const embedded = await client.models.embedContent({
    model,
    contents: ['one', 'two'],
    config: { outputDimensionality: 8 },
  });
  expect(embedded.embeddings?.map(({ values }) => values?.length)).toEqual([8, 8]);
  expect((await client.models.countTokens({ model, contents: [question] })).totalTokens).toBe(7);
});

it('streams a JSON array without alt=sse', async () => {
  const url = `${simulator.url}/v1beta/models/${model}:streamGenerateContent?key=${simulator.credentials.apiKey}`;
  const response = await fetch(url, { method: 'POST', body: JSON.stringify({ contents: [question] }) });
  const chunks = (await response.json()) as unknown[];
  expect(chunks.at(-1)).toMatchObject({ candidates: [{ finishReason: 'STOP' }] });
});

describe('refuses', () => {
  const send = (modelName: string, contents: Content[] = [question]) =>
    client.models.generateContent({ model: modelName, contents }).catch((error: unknown) => error);
  it.each([
    ['an overload', 'sim.status-503', 503, 'UNAVAILABLE'],
    ['a quota, with its delay', 'sim.status-429-retry-after-3', 429, '"retryDelay":"3s"'],
    [
      'a long prompt',
      'sim.window-2',
      400,
      'The input token count (7) exceeds the maximum number of tokens allowed (2)',
    ],
  ])('%s', async (_name, modelName, status, message) => {
    expect(await send(modelName)).toMatchObject({ status, message: expect.stringContaining(message) });
  });

  it('a response without its call, and a wrong key', async () => {
    const lone: Content = { role: 'user', parts: [{ functionResponse: { name: 'f', response: {} } }] };
    expect(await send(model, [lone])).toMatchObject({ status: 400 });
    const headers = { 'x-goog-api-key': 'wrong' };
    const response = await fetch(`${simulator.url}/v1beta/models/m:generateContent`, {
      method: 'POST',
      headers,
      body: '{}',
    });
    expect(await response.json()).toMatchObject({
      error: { status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] },
    });
  });

  it('an answer, by its filter', async () => {
    expect(await send('sim.filter')).toMatchObject({ candidates: [{ finishReason: 'SAFETY' }] });
    expect(await send('sim.filter-prompt')).toMatchObject({
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
    });
  });
});

it('serves Vertex by a token, Claude by its own body', async () => {
  const path = '/v1/projects/p/locations/europe-west1/publishers';
  const headers = { authorization: `Bearer ${simulator.credentials.apiKey}` };
  const post = (end: string, body: object, with_ = headers) =>
    fetch(`${simulator.url}${path}${end}`, { method: 'POST', headers: with_, body: JSON.stringify(body) });
  expect((await post('/google/models/sim.plain:generateContent', { contents: [question] })).status).toBe(200);
  expect(
    (await post('/google/models/sim.plain:generateContent', {}, { authorization: 'Bearer x' })).status,
  ).toBe(401);
  const claude = {
    anthropic_version: 'vertex-2023-10-16',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hi' }],
  };
  const answer = await post('/anthropic/models/sim.plain:rawPredict', claude);
  expect(await answer.json()).toMatchObject({ type: 'message', content: [{ type: 'text' }] });
  const stream = await post('/anthropic/models/sim.plain:streamRawPredict', { ...claude, stream: true });
  expect(await stream.text()).toContain('event: message_stop');
});
