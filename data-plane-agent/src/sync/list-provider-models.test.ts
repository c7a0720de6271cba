import type { Provider } from '@bonito/protocol';
import { MockAgent } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import type { CredentialProblem } from '../gateway/ports.ts';
import type { Credential } from '../gateway/providers/provider-kind.ts';
import { type ListSurroundings, listProviderModels } from './list-provider-models.ts';
import { systemTimers } from './timers.ts';

const AWS: Credential = { type: 'aws', accessKeyId: 'AKIA', secretAccessKey: 's', skewMs: 0 };
const KEY: Credential = { type: 'secret', value: 'k-1' };
const TOKEN: Credential = { type: 'bearer', token: 't-1' };

let agents: MockAgent[] = [];
afterEach(async () => {
  for (const agent of agents) await agent.close();
  agents = [];
});

interface Answer {
  path: string;
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Lists the models of a provider whose host answers these requests and no others. */
async function list(
  config: Partial<Provider> & { kind: string; base_url: string },
  credential: Credential | CredentialProblem,
  answers: readonly Answer[],
  host = new URL(config.base_url).origin,
) {
  const agent = new MockAgent();
  agents.push(agent);
  agent.disableNetConnect();
  const asked: Record<string, string>[] = [];
  for (const { path, status = 200, body = {}, headers = {} } of answers) {
    agent
      .get(host)
      .intercept({
        path,
        method: 'GET',
        headers: (sent) => {
          asked.push(sent);
          return true;
        },
      })
      .reply(status, JSON.stringify(body), { headers });
  }
  const refused: (number | undefined)[] = [];
  const problem = typeof credential === 'string' ? credential : undefined;
  const outside: ListSurroundings = {
    credentials: {
      read: () => (typeof credential === 'string' ? undefined : credential),
      verify: async () => problem,
      problem: () => problem,
      refused: (_provider, code) => refused.push(code),
    },
    connections: { dispatcher: () => agent },
    clock: { now: () => Date.parse('2026-11-21T08:00:00Z'), monotonic: () => 0 },
    timers: systemTimers,
    signal: new AbortController().signal,
  };
  const url = new URL(config.base_url);
  const provider: Provider = {
    id: '019a0000-0000-7000-8000-000000000001',
    name: 'p',
    credential: { from: 'none' },
    restrictions: [],
    ...config,
  };
  const result = await listProviderModels(
    {
      config: provider,
      origin: url.origin,
      basePath: url.pathname.replace(/\/$/, ''),
      unusable: undefined,
    },
    outside,
  );
  return { result, asked, refused };
}

describe('models are listed', () => {
  it('at OpenAI and servers like it', async () => {
    const { result, asked } = await list({ kind: 'openai', base_url: 'https://api.openai.test/v1' }, KEY, [
      { path: '/v1/models', body: { data: [{ id: 'gpt-4o' }, { id: 'no name at all' }, {}] } },
    ]);
    expect(result).toEqual({ models: ['gpt-4o'] });
    expect(asked[0]).toMatchObject({ authorization: 'Bearer k-1' });
  });

  it('at Anthropic, page by page', async () => {
    const { result, asked } = await list({ kind: 'anthropic', base_url: 'https://api.anthropic.test' }, KEY, [
      { path: '/v1/models?limit=1000', body: { data: [{ id: 'a' }], has_more: true, last_id: 'a' } },
      {
        path: '/v1/models?limit=1000&after_id=a',
        body: { data: [{ id: 'b' }], has_more: false, last_id: 'b' },
      },
    ]);
    expect(result).toEqual({ models: ['a', 'b'] });
    expect(asked[0]).toMatchObject({ 'x-api-key': 'k-1', 'anthropic-version': '2023-06-01' });
  });

  it('at Gemini, without the collection’s name', async () => {
    const { result, asked } = await list({ kind: 'gemini', base_url: 'https://gemini.test' }, KEY, [
      {
        path: '/v1beta/models?pageSize=1000',
        body: { models: [{ name: 'models/gemini-2.5-pro' }], nextPageToken: 'n+1' },
      },
      { path: '/v1beta/models?pageSize=1000&pageToken=n%2B1', body: { models: [{ name: 'models/x' }] } },
    ]);
    expect(result).toEqual({ models: ['gemini-2.5-pro', 'x'] });
    expect(asked[0]).toMatchObject({ 'x-goog-api-key': 'k-1' });
  });

  it('at Bedrock’s control host, signed, with its inference profiles', async () => {
    const { result, asked } = await list(
      { kind: 'bedrock', region: 'eu-west-1', base_url: 'https://bedrock-runtime.eu-west-1.amazonaws.com' },
      AWS,
      [
        { path: '/foundation-models', body: { modelSummaries: [{ modelId: 'amazon.nova-lite-v1:0' }] } },
        {
          path: '/inference-profiles?maxResults=1000',
          body: { inferenceProfileSummaries: [{ inferenceProfileId: 'eu.amazon.nova-lite-v1:0' }] },
        },
      ],
      'https://bedrock.eu-west-1.amazonaws.com',
    );
    expect(result).toEqual({ models: ['amazon.nova-lite-v1:0', 'eu.amazon.nova-lite-v1:0'] });
    expect(asked[0]?.authorization).toContain('Credential=AKIA/20261121/eu-west-1/bedrock/aws4_request');
  });

  it('at Bedrock also for a role that may not see profiles', async () => {
    const { result } = await list(
      { kind: 'bedrock', region: 'eu-west-1', base_url: 'https://bedrock.test' },
      AWS,
      [
        { path: '/foundation-models', body: { modelSummaries: [{ modelId: 'm' }] } },
        { path: '/inference-profiles?maxResults=1000', status: 403 },
      ],
    );
    expect(result).toEqual({ models: ['m'] });
  });

  it.each([
    ['2024-10-21', 'https://me.azure.test', '/openai/models?api-version=2024-10-21'],
    ['preview', 'https://me.azure.test', '/openai/v1/models?api-version=preview'],
    ['v1', 'https://me.azure.test/openai/v1', '/openai/v1/models'],
  ])('at Azure by version %s under %s', async (api_version, base_url, path) => {
    const { result, asked } = await list({ kind: 'azure-openai', base_url, api_version }, KEY, [
      { path, body: { data: [{ id: 'gpt-4o' }] } },
    ]);
    expect(result).toEqual({ models: ['gpt-4o'] });
    expect(asked[0]).toMatchObject({ 'api-key': 'k-1' });
  });

  it('at Azure by deployments, where the resource lists them', async () => {
    const { result } = await list(
      { kind: 'azure-openai', base_url: 'https://me.azure.test', api_version: '2024-10-21' },
      KEY,
      [
        {
          path: '/openai/deployments?api-version=2022-12-01',
          body: {
            data: [
              { id: 'chat', model: 'gpt-4o', status: 'succeeded' },
              { id: 'half-made', model: 'gpt-4o', status: 'running' },
            ],
          },
        },
      ],
    );
    expect(result).toEqual({ models: ['chat'] });
  });

  it('at Vertex, publisher by publisher', async () => {
    const of = (publisher: string, answer: Partial<Answer>): Answer => ({
      path: `/v1beta1/publishers/${publisher}/models?pageSize=1000`,
      ...answer,
    });
    const { result, asked } = await list(
      { kind: 'vertex', project: 'my-project', base_url: 'https://vertex.test' },
      TOKEN,
      [
        of('google', { body: { publisherModels: [{ name: 'publishers/google/models/gemini-2.5-pro' }] } }),
        of('anthropic', {
          body: { publisherModels: [{ name: 'publishers/anthropic/models/claude-opus-4-6' }] },
        }),
        of('meta', { body: { publisherModels: [{ name: 'publishers/meta/models/llama-4' }] } }),
        ...['mistralai', 'deepseek-ai', 'qwen', 'openai'].map((name) => of(name, { status: 404 })),
      ],
    );
    expect(result).toEqual({ models: ['gemini-2.5-pro', 'claude-opus-4-6', 'meta/llama-4'] });
    expect(asked[0]).toMatchObject({ authorization: 'Bearer t-1', 'x-goog-user-project': 'my-project' });
  });
});

describe('no list says exactly why', () => {
  const bedrock = { kind: 'bedrock', region: 'eu-west-1', base_url: 'https://bedrock.test' };
  const aws = (type: string): Partial<Answer> => ({
    status: 403,
    headers: { 'x-amzn-errortype': `${type}:x` },
  });
  const google = (reason: string, status = 403): Partial<Answer> => ({
    status,
    body: { error: { details: [{ reason }] } },
  });

  it.each([
    [aws('ExpiredTokenException'), { error_code: 'authentication_failed', reason: 'expired' }],
    [aws('UnrecognizedClientException'), { error_code: 'authentication_failed', reason: 'refused' }],
    [
      aws('AccessDeniedException'),
      {
        ...{ error_code: 'authentication_failed', reason: 'permission_missing' },
        permission: 'bedrock:ListFoundationModels',
      },
    ],
    [aws('constructor'), { reason: 'permission_missing' }],
    [{ status: 500 }, { error_code: 'provider_error', reason: 'model_list_refused' }],
    [
      { status: 200, body: { other: [] } },
      { error_code: 'provider_error', reason: 'malformed' },
    ],
    [
      { status: 200, body: 'text' },
      { error_code: 'provider_error', reason: 'malformed' },
    ],
  ])('at Bedrock: %j', async (answer, failure) => {
    const { result } = await list(bedrock, AWS, [{ path: '/foundation-models', ...answer }]);
    expect(result).toMatchObject({ failure });
  });

  it.each([
    [google('API_KEY_INVALID', 400), { reason: 'refused' }],
    [google('SERVICE_DISABLED'), { reason: 'permission_missing' }],
    [{ status: 401 }, { reason: 'refused' }],
  ])('at Gemini: %j', async (answer, failure) => {
    const { result } = await list({ kind: 'gemini', base_url: 'https://gemini.test' }, KEY, [
      { path: '/v1beta/models?pageSize=1000', ...answer },
    ]);
    expect(result).toMatchObject({ failure });
  });

  it('before anything is asked, where there is no credential', async () => {
    const credential: Provider['credential'] = { from: 'aws', source: 'default' };
    for (const problem of ['permission_missing', 'wrong_region', 'expired', 'not_configured'] as const) {
      const { result, asked } = await list({ ...bedrock, credential }, problem, []);
      expect(result).toEqual({
        failure: {
          ...{ error_code: 'credential_unavailable', reason: problem },
          ...(problem === 'permission_missing' && { permission: 'sts:AssumeRole' }),
        },
      });
      expect(asked).toEqual([]);
    }
  });

  it('where nothing answers', async () => {
    const { result } = await list(bedrock, AWS, []);
    expect(result).toEqual({ failure: { error_code: 'provider_unreachable', reason: 'unreachable' } });
  });

  it('and has a credential that was refused fetched anew', async () => {
    const { refused } = await list(bedrock, AWS, [
      { path: '/foundation-models', ...aws('ExpiredTokenException') },
    ]);
    expect(refused).toEqual([403]);
  });
});
