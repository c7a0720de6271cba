import Anthropic from '@anthropic-ai/sdk';
import { AzureOpenAI } from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());

const messages = [{ role: 'user', content: 'hello there' } as const];
const client = (deployment: string, apiKey = simulator.credentials.apiKey) =>
  new AzureOpenAI({ apiKey, deployment, endpoint: simulator.url, apiVersion: '2024-10-21', maxRetries: 0 });

it('streams a first event of filter results without choices', async () => {
  const stream = await client('sim.plain').chat.completions.create({ model: '', messages, stream: true });
  const chunks = await Array.fromAsync(stream);
  expect(chunks[0]).toMatchObject({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] });
  expect(chunks[1]?.choices[0]).toMatchObject({ content_filter_results: { hate: { filtered: false } } });
  const whole = await client('sim.plain').chat.completions.create({ model: '', messages });
  const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
  expect(text).toBe(whole.choices[0]?.message.content);
});

it('filters the prompt, and the answer', async () => {
  const refused = client('sim.filter-prompt').chat.completions.create({ model: '', messages });
  await expect(refused).rejects.toMatchObject({
    status: 400,
    code: 'content_filter',
    error: { innererror: { code: 'ResponsibleAIPolicyViolation' } },
  });
  const { choices } = await client('sim.filter').chat.completions.create({ model: '', messages });
  expect(choices[0]).toMatchObject({ finish_reason: 'content_filter', message: { content: '' } });
});

it('refuses a wrong key, no version, and takes tokens of Entra ID', async () => {
  await expect(client('m', 'wrong').chat.completions.create({ model: '', messages })).rejects.toMatchObject({
    status: 401,
  });
  const { apiKey, entraTenantId, entraClientId, entraClientSecret } = simulator.credentials;
  const url = `${simulator.url}/openai/deployments/m/chat/completions`;
  const unversioned = await fetch(url, { method: 'POST', headers: { 'api-key': apiKey }, body: '{}' });
  expect(unversioned.status).toBe(404);
  const tokenOf = async (client_secret: string) => {
    const form = {
      grant_type: 'client_credentials',
      client_id: entraClientId,
      client_secret,
      scope: 'https://cognitiveservices.azure.com/.default',
    };
    const answer = await fetch(`${simulator.url}/${entraTenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return (await answer.json()) as { access_token?: string; error?: string };
  };
  expect(await tokenOf('wrong')).toMatchObject({ error: 'invalid_client' });
  const { access_token } = await tokenOf(entraClientSecret);
  const headers = { authorization: `Bearer ${access_token}` };
  const body = JSON.stringify({ model: 'sim/plain', messages });
  const answer = await fetch(`${simulator.url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers,
    body,
  });
  expect(answer.status).toBe(200);
});

it('serves Claude in Foundry', async () => {
  const claude = new Anthropic({
    apiKey: simulator.credentials.apiKey,
    baseURL: `${simulator.url}/anthropic`,
  });
  const answer = await claude.messages.create({
    model: 'sim/plain',
    max_tokens: 50,
    messages: [...messages],
  });
  expect(answer.stop_reason).toBe('end_turn');
});
