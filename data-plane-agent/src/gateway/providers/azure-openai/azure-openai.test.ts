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

  it('calls embeddings by the deployment too', () => {
    const at = target('', '2024-10-21');
    const embeddings = azureOpenAi.passes(at).find(({ wire }) => wire === 'openai-embeddings');
    expect(embeddings?.address(at, false).path).toBe(
      '/openai/deployments/my%20gpt/embeddings?api-version=2024-10-21',
    );
  });

  it('writes what the version knows', () => {
    const newer = target('', '2024-10-21');
    expect(azureOpenAi.chat(newer)?.writeRequest(request, newer).value).toEqual({
      model: 'my gpt',
      messages: [{ role: 'developer', content: 's' }],
      max_completion_tokens: 5,
      stream: true,
      stream_options: { include_usage: true },
    });
    const older = target('', '2024-06-01');
    expect(azureOpenAi.chat(older)?.writeRequest(request, older).value).toEqual({
      model: 'my gpt',
      messages: [{ role: 'system', content: 's' }],
      max_tokens: 5,
      stream: true,
    });
  });

  it('passes on in the words that the version knows', () => {
    const body = {
      model: 'my gpt',
      max_completion_tokens: 5,
      messages: [{ role: 'developer', content: 's' }],
      stream_options: { include_usage: true },
    };
    const input = { body, stream: true, header: () => undefined };
    const newer = target('', '2024-10-21');
    expect(azureOpenAi.chat(newer)?.pass(input, newer)).toEqual({ edits: {}, dropped: [] });
    const older = target('', '2024-06-01');
    expect(azureOpenAi.chat(older)?.pass(input, older)).toEqual({
      edits: {
        max_tokens: 5,
        max_completion_tokens: undefined,
        messages: [{ role: 'system', content: 's' }],
        stream_options: undefined,
      },
      dropped: ['stream_options'],
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
