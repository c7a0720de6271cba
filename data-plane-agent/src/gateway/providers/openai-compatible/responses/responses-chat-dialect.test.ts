import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../chat/chat-request.ts';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import { providerKind } from '../../provider-kinds.ts';

function targetOf(kind: string, config: object = {}, wire: string | undefined = 'openai-responses') {
  const basePath = kind === 'azure-openai' ? '' : '/v1';
  return {
    deployment: { upstream_model: 'gpt-x', family: 'gpt', wire },
    provider: { config: { kind, ...config }, origin: 'https://a.test', basePath },
  } as CompiledTarget;
}

const REQUEST: ChatRequest = {
  model: 'alias',
  messages: [],
  tools: [{ type: 'function', name: 'a name with spaces' }],
  sampling: {},
  stream: true,
  includeUsage: true,
};

describe('a deployment on the Responses API alone', () => {
  it.each<[string, object, string]>([
    ['openai', {}, '/responses'],
    ['openai-compatible', { preset: 'vllm' }, '/responses'],
    ['openai-compatible', { preset: 'mistral' }, '/responses'],
    ['azure-openai', {}, '/openai/v1/responses'],
    [
      'azure-openai',
      { api_version: '2025-04-01-preview' },
      '/openai/responses?api-version=2025-04-01-preview',
    ],
  ])('of kind %s with %j is called at %s', (kind, config, path) => {
    const target = targetOf(kind, config);
    const dialect = providerKind(kind)?.chat(target);
    expect(dialect?.wire).toBe('openai-responses');
    expect(dialect?.address(target, true)).toEqual({ path });
    expect(providerKind(kind)?.chat(target)).toBe(dialect);
    expect(dialect?.writeRequest(REQUEST, target).value).toMatchObject({ model: 'gpt-x', stream: true });
    expect(providerKind(kind)?.chat(targetOf(kind, config, 'openai-chat'))?.wire).toBe('openai-chat');
  });

  it('gives the client its own names of tools back', () => {
    const target = targetOf('openai');
    const dialect = providerKind('openai')?.chat(target);
    const written = dialect?.writeRequest(REQUEST, target).value as { tools: { name: string }[] } | undefined;
    const name = written?.tools[0]?.name ?? '';
    expect(name).toMatch(/^[\w-]{1,64}$/);
    const call = { type: 'function_call', call_id: 'c', name, arguments: '{}' };
    const said = { type: 'tool_call', id: 'c', name: 'a name with spaces' };
    const answer = dialect?.readAnswer({ status: 'completed', output: [call] }, REQUEST);
    expect(answer?.choices[0]?.content).toMatchObject([said]);
    const added = JSON.stringify({ type: 'response.output_item.added', output_index: 0, item: call });
    const frame = { event: undefined, exception: false, data: Buffer.from(added) };
    expect(dialect?.eventReader(REQUEST).read(frame)).toMatchObject([{ type: 'start' }, said]);
  });
});
