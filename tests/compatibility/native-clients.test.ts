import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { GoogleGenAI } from '@google/genai';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { AzureOpenAI } from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompatibleAgent, startCompatibleAgent } from './start-compatible-agent.ts';

let agent: CompatibleAgent;

beforeAll(async () => {
  agent = await startCompatibleAgent(['plain', 'tool', 'status-429']);
});
afterAll(() => agent.close());

const said = 'Hello there.';

// By itself it speaks HTTP/2 to Bedrock's runtime; with the other handler HTTP/1.
describe.each([
  ['as it is', {}],
  ['over HTTP/1', { requestHandler: new NodeHttpHandler() }],
])('@aws-sdk/client-bedrock-runtime %s', (_how, handler) => {
  let client: BedrockRuntimeClient;
  beforeAll(() => {
    client = new BedrockRuntimeClient({
      endpoint: agent.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: agent.key, secretAccessKey: 'not-used' },
      maxAttempts: 1,
      ...handler,
    });
  });
  afterAll(() => client.destroy());
  const messages = [{ role: 'user' as const, content: [{ text: said }] }];

  it.each(['bedrock-converse.plain', 'bedrock-claude.plain'])('Converse at %s', async (modelId) => {
    const answer = await client.send(new ConverseCommand({ modelId, messages }));
    expect(answer.output?.message?.content?.[0]?.text).not.toBe('');
    expect(answer.usage?.outputTokens).toBeGreaterThan(0);
  });

  it('ConverseStream', async () => {
    const { stream } = await client.send(
      new ConverseStreamCommand({ modelId: 'bedrock-converse.plain', messages }),
    );
    const events = await Array.fromAsync(stream ?? []);
    expect(events.at(0)?.messageStart?.role).toBe('assistant');
    expect(events.some((event) => event.contentBlockDelta?.delta?.text)).toBe(true);
    expect(events.at(-1)?.metadata?.usage?.outputTokens).toBeGreaterThan(0);
  });

  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 100,
    messages: [{ role: 'user', content: said }],
  });

  it('InvokeModel, whole and streamed', async () => {
    const modelId = 'bedrock-claude.plain';
    const whole = await client.send(new InvokeModelCommand({ modelId, body }));
    const answer = JSON.parse(whole.body.transformToString());
    const streamed = await client.send(new InvokeModelWithResponseStreamCommand({ modelId, body }));
    const events = await Array.fromAsync(streamed.body ?? []);
    const text = events
      .map(({ chunk }) => JSON.parse(Buffer.from(chunk?.bytes ?? []).toString()))
      .map((event) => event.delta?.text ?? '')
      .join('');
    expect(text).toBe(answer.content[0].text);
  });

  it('asks many things at once, and stops listening in the middle', async () => {
    const modelId = 'bedrock-converse.plain';
    const answers = Promise.all(
      Array.from({ length: 40 }, () => client.send(new ConverseCommand({ modelId, messages }))),
    );
    const { stream = [] } = await client.send(new ConverseStreamCommand({ modelId, messages }));
    for await (const event of stream) if (event.contentBlockDelta) break;
    expect((await answers).every(({ stopReason }) => stopReason === 'end_turn')).toBe(true);
    expect((await client.send(new ConverseCommand({ modelId, messages }))).stopReason).toBe('end_turn');
  });

  it('meets its own exceptions, of the provider and of the gateway', async () => {
    const throttled = client.send(new ConverseCommand({ modelId: 'bedrock-converse.status-429', messages }));
    await expect(throttled).rejects.toMatchObject({ name: 'ThrottlingException' });
    const unknown = client.send(new ConverseCommand({ modelId: 'nobody', messages }));
    await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    const elsewhere = client.send(new ConverseCommand({ modelId: 'openai.plain', messages }));
    await expect(elsewhere).rejects.toMatchObject({ name: 'ValidationException' });
  });
});

describe.each([
  { provider: 'gemini', options: {} },
  { provider: 'vertex-gemini', options: {} },
])('@google/genai at $provider', ({ provider, options }) => {
  const client = () =>
    new GoogleGenAI({ apiKey: agent.key, httpOptions: { baseUrl: agent.url }, ...options });

  it('generates, whole and streamed', async () => {
    const request = { model: `${provider}.plain`, contents: said };
    const whole = await client().models.generateContent(request);
    let text = '';
    for await (const chunk of await client().models.generateContentStream(request)) text += chunk.text ?? '';
    expect(text).not.toBe('');
    expect(whole.text).toBe(text);
    expect(whole.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
  });

  it('meets errors in its own form', async () => {
    const refused = client().models.generateContent({ model: `${provider}.status-429`, contents: said });
    await expect(refused).rejects.toMatchObject({ name: 'ApiError', status: 429 });
    const unknown = client().models.generateContent({ model: 'nobody', contents: said });
    await expect(unknown).rejects.toMatchObject({ name: 'ApiError', status: 404 });
  });
});

describe('@google/genai beside chat', () => {
  const client = (vertexai: boolean) =>
    new GoogleGenAI({ apiKey: agent.key, vertexai, httpOptions: { baseUrl: agent.url } });

  // The last one as the client calls models that are not Gemini's: by `:predict`.
  it.each([
    ['gemini', false, 2],
    ['vertex-gemini', true, 1],
    ['vertex-openai', true, 2],
  ])('counts, embeds and draws at %s', async (provider, vertexai, vectors) => {
    const { models } = client(vertexai);
    const model = `${provider}.plain`;
    const { totalTokens } = await models.countTokens({ model, contents: said });
    expect(totalTokens).toBeGreaterThan(0);
    const { embeddings = [] } = await models.embedContent({ model, contents: [said, 'And you?'] });
    expect(embeddings.map(({ values = [] }) => values.length > 99)).toEqual(
      Array.from({ length: vectors }, () => true),
    );
    // Only there has the client a method for it.
    if (!vertexai) return;
    const { generatedImages = [] } = await models.generateImages({
      model,
      prompt: 'a cat',
      config: { numberOfImages: 2 },
    });
    expect(generatedImages.map(({ image }) => image?.mimeType)).toEqual(['image/png', 'image/png']);
  });

  it('is told where else a model can be asked', async () => {
    const refused = client(false).models.countTokens({ model: 'anthropic.plain', contents: said });
    await expect(refused).rejects.toMatchObject({ name: 'ApiError', status: 400 });
    await expect(refused).rejects.toThrow('/v1/messages');
  });
});

describe("Mistral's body at Vertex AI's own path", () => {
  const ask = (model: string, stream: boolean) =>
    fetch(
      `${agent.url}/v1/projects/p/locations/eu/publishers/mistralai/models/${model}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${agent.key}` },
        body: JSON.stringify({ model, messages: [{ role: 'user', content: said }], stream }),
      },
    );

  it('is passed on, whole and streamed', async () => {
    const whole = JSON.parse(await (await ask('vertex-mistral.plain', false)).text());
    expect(whole.choices[0].message.content).not.toBe('');
    const text = await (await ask('vertex-mistral.plain', true)).text();
    const pieces = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data = '']) => JSON.parse(data));
    expect(pieces.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(
      whole.choices[0].message.content,
    );
  });

  it('is refused for another model, which is named where it can be asked', async () => {
    const refused = await ask('gemini.plain', false);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(':generateContent');
  });
});

describe("Google's streaming method without alt=sse", () => {
  it.each(['plain', 'status-429'])('answers one JSON array, or an error: %s', async (scenario) => {
    const path = `/v1beta/models/gemini.${scenario}:streamGenerateContent`;
    const answer = await fetch(agent.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-goog-api-key': agent.key },
      body: JSON.stringify({ contents: [{ role: 'user', parts: [{ text: said }] }] }),
    });
    const body = JSON.parse(await answer.text());
    if (scenario === 'status-429')
      expect([answer.status, body.error.status]).toEqual([429, 'RESOURCE_EXHAUSTED']);
    else {
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(body.length).toBeGreaterThan(3);
      expect(body.at(-1).usageMetadata.totalTokenCount).toBeGreaterThan(0);
    }
  });
});

describe('AzureOpenAI', () => {
  it('names the model in the path', async () => {
    const client = new AzureOpenAI({
      endpoint: agent.url,
      apiKey: agent.key,
      apiVersion: '2024-10-21',
      maxRetries: 0,
    });
    const messages = [{ role: 'user' as const, content: said }];
    for (const model of ['azure-openai.plain', 'bedrock-claude.plain']) {
      const answer = await client.chat.completions.create({ model, messages });
      expect(answer.choices[0]?.message.content).not.toBe('');
    }
  });
});
