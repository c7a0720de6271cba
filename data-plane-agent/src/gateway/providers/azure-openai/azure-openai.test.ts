import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../chat/chat-request.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { UnsignedCall } from '../provider-kind.ts';
import { azureOpenAi } from './azure-openai.ts';

function target(basePath: string, version?: string, family = 'gpt'): CompiledTarget {
  return {
    deployment: {
      id: 'dep_1',
      name: 'model',
      provider_id: 'prov_1',
      upstream_model: 'my gpt',
      family,
      price: { revision: '1', per_million: {} },
      restrictions: [],
    },
    provider: {
      config: {
        id: 'prov_1',
        name: 'azure',
        kind: 'azure-openai',
        base_url: `https://x.openai.azure.com${basePath}`,
        ...(version !== undefined && { api_version: version }),
        credential: { from: 'none' },
        restrictions: [],
      },
      origin: 'https://x.openai.azure.com',
      basePath,
      unusable: undefined,
    },
    unusable: undefined,
  };
}

const call: UnsignedCall = { method: 'POST', origin: '', path: '', headers: [], body: Buffer.alloc(0) };
const request: ChatRequest = {
  model: 'model',
  messages: [{ role: 'developer', content: [{ type: 'text', text: 's' }] }],
  tools: [],
  sampling: { maxOutputTokens: 5 },
  stream: true,
  includeUsage: false,
};

describe('azureOpenAi', () => {
  const dated = '/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21';
  it.each([
    ['', '2024-10-21', dated],
    ['/openai', '2024-10-21', dated],
    ['', undefined, '/openai/v1/chat/completions'],
    ['', 'v1', '/openai/v1/chat/completions'],
    ['/openai', undefined, '/openai/v1/chat/completions'],
    ['/openai/v1', undefined, '/openai/v1/chat/completions'],
    ['/openai/v1', 'preview', '/openai/v1/chat/completions?api-version=preview'],
    ['', 'preview', '/openai/v1/chat/completions?api-version=preview'],
  ])('is at %s with version %s: %s', (basePath, version, path) => {
    const at = target(basePath, version);
    const address = azureOpenAi.chat(at)?.address(at, false);
    expect(basePath + address?.path).toBe(path);
  });

  it.each([
    ['', '/anthropic/v1/messages'],
    ['/anthropic', '/anthropic/v1/messages'],
    ['/anthropic/v1', '/anthropic/v1/messages'],
  ])("speaks Claude's own wire to Claude, at %s", (basePath, path) => {
    const at = target(basePath, '2024-10-21', 'claude');
    const dialect = azureOpenAi.chat(at);
    expect(dialect?.wire).toBe('anthropic-messages');
    expect(basePath + dialect?.address(at, true).path).toBe(path);
    expect(azureOpenAi.passes(at).map(({ wire }) => wire)).toEqual(['anthropic-count-tokens']);
  });

  it.each([
    [
      404,
      { error: { code: 'DeploymentNotFound', message: 'The API deployment does not exist.' } },
      { kind: 'model_not_found', message: 'The API deployment does not exist.' },
    ],
    [
      429,
      { error: { code: '429', message: 'Exceeded token rate limit. Please retry after 7 seconds.' } },
      { kind: 'rate_limited', retryAfterSeconds: 7 },
    ],
    [
      400,
      {
        type: 'error',
        error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' },
      },
      { kind: 'context_too_long', tokens: { sent: 9, limit: 8 } },
    ],
    [
      529,
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
      { kind: 'overloaded' },
    ],
    [502, 'Bad gateway', { kind: 'provider_error', message: 'Bad gateway' }],
  ])("reads Azure's errors and Anthropic's in front of Claude: %i %j", (status, body, error) => {
    const dialect = azureOpenAi.chat(target('', undefined, 'claude'));
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const answer = { status, headers: {}, body: bytes };
    expect(dialect?.readError(answer)).toMatchObject(error);
    const isAnthropics = typeof body === 'object' && 'type' in body;
    expect(dialect?.foreignErrors).toBeTypeOf('function');
    if (typeof dialect?.foreignErrors === 'function')
      expect(dialect.foreignErrors(answer)).toBe(!isAnthropics);
  });

  it('calls embeddings by the deployment too', () => {
    const at = target('', '2024-10-21');
    const embeddings = azureOpenAi.passes(at).find(({ wire }) => wire === 'openai-embeddings');
    expect(embeddings?.address(at, false).path).toBe(
      '/openai/deployments/my%20gpt/embeddings?api-version=2024-10-21',
    );
  });

  it.each(['openai-moderations', 'rerank'])('has no %s', (wire) => {
    expect(azureOpenAi.passes(target('')).some((one) => one.wire === wire)).toBe(false);
  });

  it('writes what the version knows', () => {
    const write = (version: string) => {
      const at = target('', version);
      return azureOpenAi.chat(at)?.writeRequest({ ...request, reasoning: { effort: 'low' } }, at);
    };
    expect(write('2025-04-01-preview')).toEqual({
      value: {
        model: 'my gpt',
        messages: [{ role: 'developer', content: 's' }],
        max_completion_tokens: 5,
        reasoning_effort: 'low',
        stream: true,
        stream_options: { include_usage: true },
      },
      dropped: [],
    });
    expect(write('2024-10-21')).toEqual({
      value: {
        model: 'my gpt',
        messages: [{ role: 'system', content: 's' }],
        max_completion_tokens: 5,
        stream: true,
        stream_options: { include_usage: true },
      },
      dropped: ['reasoning_effort'],
    });
    expect(write('2024-06-01')).toEqual({
      value: {
        model: 'my gpt',
        messages: [{ role: 'system', content: 's' }],
        max_tokens: 5,
        stream: true,
      },
      dropped: ['reasoning_effort'],
    });
  });

  it('passes on in the words that the version knows', () => {
    const body = {
      model: 'my gpt',
      max_completion_tokens: 5,
      messages: [{ role: 'developer', content: 's' }],
      stream_options: { include_usage: true },
    };
    const pass = (version: string) => {
      const at = target('', version);
      return azureOpenAi.chat(at)?.pass({ body, stream: true, header: () => undefined }, at);
    };
    const messages = [{ role: 'system', content: 's' }];
    expect(pass('2025-04-01-preview')).toEqual({ edits: {}, dropped: [] });
    expect(pass('2024-10-21')).toEqual({ edits: { messages }, dropped: [] });
    expect(pass('2024-06-01')).toEqual({
      edits: { max_tokens: 5, max_completion_tokens: undefined, messages, stream_options: undefined },
      dropped: ['stream_options'],
    });
  });

  it.each([
    ['2024-10-21', {}, { stream_options: { include_usage: true } }, []],
    [
      '2024-10-21',
      { stream_options: { include_usage: false } },
      { stream_options: { include_usage: true } },
      [],
    ],
    ['2024-10-21', { stream_options: { include_usage: true } }, {}, []],
    ['2024-06-01', {}, {}, []],
    [
      '2024-06-01',
      { stream_options: { include_usage: true } },
      { stream_options: undefined },
      ['stream_options'],
    ],
  ])('asks for the usage of streamed completions where %s knows how: %j', (version, more, edits, dropped) => {
    const at = target('', version);
    const completions = azureOpenAi.passes(at).find(({ wire }) => wire === 'openai-completions');
    const body = { model: 'my gpt', prompt: 'x', stream: true, ...more };
    expect(completions?.pass({ body, stream: true, header: () => undefined }, at)).toStrictEqual({
      edits,
      dropped,
    });
  });

  it.each([
    [{ type: 'secret', value: 'k' } as const, ['api-key', 'k']],
    [{ type: 'bearer', token: 't' } as const, ['authorization', 'Bearer t']],
    [{ type: 'none' } as const, []],
  ])('sends %j as %j', (credential, headers) => {
    expect(azureOpenAi.authorize(call, credential, target(''), 0)).toEqual(headers);
  });
});
