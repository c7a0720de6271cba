import { describe, expect, it } from 'vitest';
import { fitToHost, type HostLimits } from './fit-to-host.ts';

const TAKEN = new Set([
  'a-2025-01-01',
  'context-management-2025-06-27',
  'fine-grained-tool-streaming-2025-05-14',
  'tool-search-tool-2025-10-19',
]);
const LIMITS: HostLimits = {
  takesBeta: (name) => TAKEN.has(name),
  untakenFields: ['mcp_servers'],
  untakenTools: /^web_fetch/,
  streamsToolsByBeta: true,
};
const ephemeral = { type: 'ephemeral' };
const text = (words: string, more: object = {}) => ({ type: 'text', text: words, ...more });
const tool = (more: object) => ({ name: 't', input_schema: {}, ...more });
const edit = (type: string) => ({ edits: [{ type }] });

describe('what a host takes of a body', () => {
  it.each<[string, Record<string, unknown>, string | undefined, object, string[], string[]]>([
    ['all of it', { system: 's', messages: [], tools: [tool({})] }, undefined, {}, [], []],
    [
      'known betas, of the header and of the body',
      { anthropic_beta: ['a-2025-01-01', 'b'] },
      'c, a-2025-01-01',
      {},
      ['a-2025-01-01'],
      ['anthropic_beta.b', 'anthropic_beta.c'],
    ],
    [
      'no members of Anthropic alone',
      { mcp_servers: [] },
      undefined,
      { mcp_servers: undefined },
      [],
      ['mcp_servers'],
    ],
    [
      'edits of the context, with their beta',
      { context_management: edit('clear_tool_uses_20250919') },
      undefined,
      {},
      ['context-management-2025-06-27'],
      [],
    ],
    [
      'no edits whose beta is not there',
      { context_management: edit('compact_20260112') },
      'compact-2026-01-12',
      { context_management: undefined },
      [],
      ['anthropic_beta.compact-2026-01-12', 'context_management'],
    ],
    [
      'tools that are searched for, by the name of its own',
      { tools: [tool({ defer_loading: true }), { type: 'tool_search_tool_bm25_20251119', name: 's' }] },
      'advanced-tool-use-2025-11-20',
      {},
      ['tool-search-tool-2025-10-19'],
      [],
    ],
    [
      'no examples of tools where there is no beta for them',
      { tools: [tool({ input_examples: [{}] })] },
      'advanced-tool-use-2025-11-20',
      { tools: [tool({})] },
      [],
      ['tools[0].input_examples'],
    ],
    [
      'unchecked arguments for all tools at once',
      { tools: [tool({ eager_input_streaming: true }), tool({ eager_input_streaming: false })] },
      undefined,
      { tools: [tool({}), tool({})] },
      ['fine-grained-tool-streaming-2025-05-14'],
      [],
    ],
    [
      'no tools that it does not run',
      { tools: [tool({}), { type: 'web_fetch_20250910', name: 'f' }], tool_choice: ephemeral },
      undefined,
      { tools: [tool({})] },
      [],
      ['tools[1]'],
    ],
    [
      'no choice where no tool is left',
      { tools: [{ type: 'web_fetch_20250910', name: 'f' }], tool_choice: { type: 'any' } },
      undefined,
      { tools: undefined, tool_choice: undefined },
      [],
      ['tools[0]'],
    ],
    [
      'no scope of a cache',
      {
        system: [text('a'), text('b', { cache_control: { ...ephemeral, ttl: '1h', scope: 'global' } })],
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 'i',
                content: [text('c', { cache_control: { ...ephemeral, scope: 'global' } })],
              },
            ],
          },
        ],
      },
      undefined,
      {
        system: [text('a'), text('b', { cache_control: { ...ephemeral, ttl: '1h' } })],
        messages: [
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'i', content: [text('c', { cache_control: ephemeral })] },
            ],
          },
        ],
      },
      [],
      ['cache_control.scope'],
    ],
    [
      'the cache that is asked for in general, at the last block',
      {
        cache_control: ephemeral,
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: [text('b'), { type: 'thinking', thinking: 'c', signature: 's' }] },
        ],
      },
      undefined,
      {
        cache_control: undefined,
        messages: [
          { role: 'user', content: 'a' },
          {
            role: 'assistant',
            content: [
              { cache_control: ephemeral, ...text('b') },
              { type: 'thinking', thinking: 'c', signature: 's' },
            ],
          },
        ],
      },
      [],
      [],
    ],
    [
      'the same at plain words',
      { cache_control: ephemeral, messages: [{ role: 'user', content: 'a' }] },
      undefined,
      {
        cache_control: undefined,
        messages: [{ role: 'user', content: [{ cache_control: ephemeral, ...text('a') }] }],
      },
      [],
      [],
    ],
    [
      'no cache where there is nothing to mark',
      { cache_control: ephemeral, messages: [] },
      undefined,
      { cache_control: undefined },
      [],
      ['cache_control'],
    ],
  ])('%s', (_name, body, header, edits, betas, dropped) => {
    const before = structuredClone(body);
    expect(fitToHost(body, header, LIMITS)).toEqual({ edits, betas, dropped });
    expect(body).toEqual(before);
  });
});

describe('a host that refuses a model for the time of its caches', () => {
  const short = { ...LIMITS, shortCaches: true };
  it.each<[object, object, string[]]>([
    [{ ...ephemeral, ttl: '1h' }, ephemeral, ['cache_control.ttl']],
    [{ ...ephemeral, ttl: '5m' }, ephemeral, []],
    [{ ...ephemeral, ttl: '1h', scope: 'global' }, ephemeral, ['cache_control.scope', 'cache_control.ttl']],
  ])('is not told %j', (control, fitted, dropped) => {
    const body = {
      system: [text('a', { cache_control: control })],
      tools: [tool({ cache_control: control })],
    };
    const edits = {
      system: [text('a', { cache_control: fitted })],
      tools: [tool({ cache_control: fitted })],
    };
    expect(fitToHost(body, undefined, short)).toEqual({ edits, betas: [], dropped });
  });

  it('is left alone where nothing is said of it', () => {
    const body = { system: [text('a', { cache_control: ephemeral })] };
    expect(fitToHost(body, undefined, short).edits).toEqual({});
  });
});

it('asks a host that promises nothing for nothing', () => {
  const body = {
    tools: [tool({ strict: true }), tool({ strict: false }), tool({})],
    output_config: { format: { type: 'json_schema' } },
  };
  expect(fitToHost(body, undefined, { ...LIMITS, promisesNothing: true })).toEqual({
    edits: { tools: [tool({}), tool({}), tool({})], output_config: undefined },
    betas: [],
    dropped: ['tools[0].strict', 'output_config.format'],
  });
});
