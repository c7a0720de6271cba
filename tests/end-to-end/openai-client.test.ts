import OpenAI, { APIError } from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mustSucceed } from '../processes/control-plane-client.ts';
import { simulatedModels, waitForModels } from '../processes/simulated-models.ts';
import { type Product, startProduct } from '../processes/start-product.ts';
import { waitUntil } from '../processes/wait-until.ts';

const MODELS = {
  chat: 'sim/plain',
  echo: 'sim/echo',
  tool: 'sim/tool-call',
  reasoning: 'sim/usage-100-50,cached-40,reasoning-20',
  unauthorized: 'sim/status-401',
  limited: 'sim/status-429-retry-after-1',
  broken: 'sim/status-500',
  flaky: 'sim/status-500;times=1;id=flaky',
  refusing: 'sim/status-400',
  cut: 'sim/words-20,cut-after-5',
  quiet: 'sim/slow-first-event-60000',
  slow: 'sim/words-200,slow-chunks-50',
};

let product: Product;
let client: OpenAI;
const say = (content: string) => ({ messages: [{ role: 'user' as const, content }] });
const failure = async (promise: Promise<unknown>): Promise<APIError> => {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof APIError)) throw new Error('expected an API error', { cause: error });
  return error;
};
const log = (requestId: string) =>
  waitUntil(`request ${requestId} is in the logs`, async () => {
    const { body } = await product.api('GET', `/api/gateway/logs?request_id=${requestId}`);
    return body.data?.[0];
  });

async function ownProvider(
  name: string,
  model: string,
  upstream_model: string,
  settings: object,
): Promise<void> {
  const api = mustSucceed(product.api);
  const base = {
    name,
    kind: 'openai-compatible',
    base_url: `${product.simulatorUrl}/v1`,
    credential: { from: 'none' },
  };
  const { id } = await api('POST', '/api/providers', { ...base, ...settings });
  const price = { input: '1', output: '2' };
  await api('POST', '/api/deployments', {
    name: model,
    provider_id: id,
    upstream_model,
    family: 'simulated',
    price,
  });
  await waitForModels(product.dev.agentUrl, product.dev.apiKey, [model]);
}

async function deploymentId(name: string): Promise<string> {
  const { data } = await mustSucceed(product.api)('GET', '/api/deployments?limit=200');
  return data.find((row: { name: string }) => row.name === name).id;
}

beforeAll(async () => {
  product = await startProduct();
  client = new OpenAI({ baseURL: `${product.dev.agentUrl}/v1`, apiKey: product.dev.apiKey, maxRetries: 0 });
  await simulatedModels(product, MODELS);
});
afterAll(() => product?.stop());

describe.concurrent('the openai package against npm start', () => {
  test('chat: an answer, its headers, and its cost in the logs once', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'chat', ...say('Hello there') })
      .withResponse();
    expect(data.choices[0]?.message.content).toBeTruthy();
    expect(response.headers.get('x-bonito-model')).toBe('chat');
    expect(response.headers.get('x-bonito-provider')).toBe('simulator');
    expect(response.headers.get('x-bonito-attempts')).toBe('1');
    expect(response.headers.get('x-bonito-revision')).toMatch(/^\d+\.\d+$/);
    const { prompt_tokens = 0, completion_tokens = 0 } = data.usage ?? {};
    const row = await log(response.headers.get('x-request-id') ?? '');
    expect(row).toMatchObject({
      status: 'success',
      model_requested: 'chat',
      model_used: 'chat',
      provider: 'simulator',
      input_tokens: prompt_tokens,
      output_tokens: completion_tokens,
      cost_nanos: prompt_tokens * 1_000 + completion_tokens * 2_000,
    });
  });

  test('classes of tokens are kept apart', async () => {
    const { response } = await client.chat.completions
      .create({ model: 'reasoning', ...say('Think') })
      .withResponse();
    const row = await log(response.headers.get('x-request-id') ?? '');
    expect(row).toMatchObject({ input_tokens: 100, output_tokens: 50, cost_nanos: 100 * 1_000 + 50 * 2_000 });
  });

  test('stream: the same text in pieces, no usage chunk that was not asked for, billed all the same', async () => {
    const { data: stream, response } = await client.chat.completions
      .create({ model: 'echo', stream: true, ...say('one two three') })
      .withResponse();
    let text = '';
    for await (const chunk of stream) {
      expect(chunk.usage ?? null).toBeNull();
      expect(chunk.choices.length).toBeGreaterThan(0);
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text.trim()).toBe('one two three');
    const row = await log(response.headers.get('x-request-id') ?? '');
    expect(row).toMatchObject({ status: 'success', stream: true, output_tokens: 3 });
  });

  test('stream: the usage chunk where it was asked for', async () => {
    const stream = await client.chat.completions.create({
      model: 'chat',
      stream: true,
      stream_options: { include_usage: true },
      ...say('Hello'),
    });
    const usages = [];
    for await (const chunk of stream) if (chunk.usage) usages.push(chunk.usage);
    expect(usages).toHaveLength(1);
  });

  test('tools, whole and streamed', async () => {
    const tools: OpenAI.ChatCompletionTool[] = [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    ];
    const answer = await client.chat.completions.create({
      model: 'tool',
      tools,
      ...say('What is the weather?'),
    });
    expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } });
    const runner = client.chat.completions.stream({ model: 'tool', tools, ...say('What is the weather?') });
    const final = await runner.finalChatCompletion();
    expect(final.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'get_weather' } });
  });

  test('legacy completions', async () => {
    const answer = await client.completions.create({ model: 'chat', prompt: 'Once upon a time' });
    expect(answer.choices[0]?.text).toBeTruthy();
    let text = '';
    for await (const chunk of await client.completions.create({
      model: 'chat',
      prompt: 'Once',
      stream: true,
    })) {
      text += chunk.choices[0]?.text ?? '';
    }
    expect(text).toBeTruthy();
  });

  test('embeddings', async () => {
    const answer = await client.embeddings.create({
      model: 'chat',
      input: ['a sentence', 'another one'],
      dimensions: 16,
    });
    expect(answer.data.map(({ embedding }) => embedding.length)).toEqual([16, 16]);
  });

  test('models: those of the key, and one alone', async () => {
    const listed = [];
    for await (const model of client.models.list()) listed.push(model.id);
    expect(listed).toEqual(expect.arrayContaining(Object.keys(MODELS)));
    expect(await client.models.retrieve('chat')).toMatchObject({ id: 'chat', object: 'model' });
    expect((await failure(client.models.retrieve('nothing'))).status).toBe(404);
  });

  test('abort: the upstream call is cancelled, and what is known is settled as cancelled', async () => {
    const controller = new AbortController();
    const { data: stream, response } = await client.chat.completions
      .create({ model: 'slow', stream: true, ...say('Tell me a story') }, { signal: controller.signal })
      .withResponse();
    let chunks = 0;
    await (async () => {
      for await (const _ of stream) if (++chunks === 5) controller.abort();
    })().catch(() => {});
    const row = await log(response.headers.get('x-request-id') ?? '');
    expect(row.status).toBe('cancelled');
    expect(row.output_tokens).toBeGreaterThan(0);
    expect(row.output_tokens).toBeLessThan(200);
    await waitUntil('the simulator saw the hang-up', async () => {
      const counts = await (await fetch(`${product.simulatorUrl}/simulator/attempts`)).json();
      return (counts as { aborted: number }).aborted >= 1;
    });
  });

  test('wrong key', async () => {
    const stranger = new OpenAI({ baseURL: client.baseURL, apiKey: 'bn-wrong', maxRetries: 0 });
    const error = await failure(stranger.chat.completions.create({ model: 'chat', ...say('Hello') }));
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' });
    expect(error.headers?.get('x-bonito-error-source')).toBe('gateway');
    expect(error.headers?.get('x-should-retry')).toBe('false');
  });

  test('unknown model', async () => {
    const error = await failure(client.chat.completions.create({ model: 'no-such-model', ...say('Hello') }));
    expect(error).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
  });

  test('malformed bodies', async () => {
    const post = async (body: string) => {
      const answer = await fetch(`${client.baseURL}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${product.dev.apiKey}`, 'content-type': 'application/json' },
        body,
      });
      return {
        status: answer.status,
        error: ((await answer.json()) as { error: { message: string; type: string } }).error,
      };
    };
    for (const body of [
      '',
      '{',
      '[]',
      '"text"',
      '{"messages":[]}',
      '{"model":7,"messages":[]}',
      `${'['.repeat(100_000)}`,
    ]) {
      const { status, error } = await post(body);
      expect(status, body.slice(0, 40)).toBe(400);
      expect(error.type).toBe('invalid_request_error');
      expect(error.message).toBeTruthy();
    }
  });

  test('a body of 5 MB works, one of 40 MB is 413', async () => {
    const large = await client.chat.completions.create({
      model: 'chat',
      ...say('x'.repeat(5 * 1024 * 1024)),
    });
    expect(large.choices).toHaveLength(1);
    const error = await failure(
      client.chat.completions.create({ model: 'chat', ...say('x'.repeat(40 * 1024 * 1024)) }),
    );
    expect(error).toMatchObject({ status: 413, type: 'invalid_request_error' });
  });

  test.each([
    ['unauthorized', [401]],
    ['limited', [429]],
    ['broken', [500]],
    ['refusing', [400]],
  ] as const)('upstream failure %s', async (model, statuses) => {
    const error = await failure(client.chat.completions.create({ model, ...say('Hello') }));
    expect(statuses).toContain(error.status);
    expect(error.headers?.get('x-request-id')).toBeTruthy();
    const row = await log(error.headers?.get('x-request-id') ?? '');
    expect(row).toMatchObject({ status: 'error', model_requested: model });
  });

  test('a failure that passes is retried out of sight', async () => {
    const { data, response } = await client.chat.completions
      .create({ model: 'flaky', ...say('Hello') })
      .withResponse();
    expect(data.choices).toHaveLength(1);
    expect(response.headers.get('x-bonito-attempts')).toBe('2');
    const row = await log(response.headers.get('x-request-id') ?? '');
    expect(row).toMatchObject({ status: 'success', attempts: 2 });
  });

  test('a stream that is cut is an error in the stream, not an end', async () => {
    const stream = await client.chat.completions.create({ model: 'cut', stream: true, ...say('Hello') });
    let chunks = 0;
    const error = await failure(
      (async () => {
        for await (const _ of stream) chunks++;
      })(),
    );
    expect(chunks).toBeGreaterThan(0);
    expect(error.message).toBeTruthy();
  });

  test('a provider that does not take stream_options is not asked for them', async () => {
    await ownProvider('old server', 'no-usage-chunk', 'sim/refuse-stream-options', { stream_options: false });
    const stream = await client.chat.completions.create({
      model: 'no-usage-chunk',
      stream: true,
      ...say('Hello'),
    });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBeTruthy();
  });

  test('a provider that does not answer in time', async () => {
    const limits = { time_limits: { first_byte_ms: 150 }, retries: 0 };
    await ownProvider('sleepy server', 'late', 'sim/slow-first-byte-20000', limits);
    const error = await failure(client.chat.completions.create({ model: 'late', ...say('Hello') }));
    expect(error).toMatchObject({ status: 504, code: 'first_byte_timeout' });
    const row = await log(error.headers?.get('x-request-id') ?? '');
    expect(row).toMatchObject({ status: 'error', error_code: 'first_byte_timeout' });
  });

  test('a route: the next target answers when the first fails, also a stream', async () => {
    const [first, second] = [await deploymentId('broken'), await deploymentId('echo')];
    await mustSucceed(product.api)('POST', '/api/routes', {
      name: 'route',
      strategy: 'failover',
      targets: [first, second],
    });
    await waitForModels(product.dev.agentUrl, product.dev.apiKey, ['route']);
    const { data, response } = await client.chat.completions
      .create({ model: 'route', ...say('over here') })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('over here');
    expect(response.headers.get('x-bonito-model')).toBe('echo');
    let text = '';
    for await (const chunk of await client.chat.completions.create({
      model: 'route',
      stream: true,
      ...say('again here'),
    })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text.trim()).toBe('again here');
    const row = await log(response.headers.get('x-request-id') ?? '');
    expect(row).toMatchObject({ model_requested: 'route', model_used: 'echo', status: 'success' });
  });

  test('a silent minute is bridged by comments that the client does not see', {
    timeout: 120_000,
  }, async () => {
    const stream = await client.chat.completions.create({ model: 'quiet', stream: true, ...say('Hello') });
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBeTruthy();
  });
});
