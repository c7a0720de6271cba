import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { writeRequest } from '../../providers/anthropic-compatible/write-request.ts';
import { readRequest } from './read-request.ts';

const read = (body: JsonObject, beta?: string) =>
  readRequest(body, { header: (name) => (name === 'anthropic-beta' ? beta : undefined) });
const roundTrip = (body: JsonObject) => writeRequest(read(body), String(body.model));

const ephemeral = { type: 'ephemeral' };
const text = (words: string, more: JsonObject = {}) => ({ type: 'text', text: words, ...more });
const user = (...content: unknown[]) => ({ role: 'user', content });
const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
const base = { model: 'claude-sonnet-4-5', max_tokens: 2_000, messages: [user(text('Hi.'))] };
const lookUp = { name: 'look_up', description: 'Looks.', input_schema: { type: 'object', properties: {} } };

/** What a coding agent sends on its second turn. */
const CODING_AGENT = {
  model: 'claude-sonnet-4-5',
  max_tokens: 32_000,
  system: [text('You are an agent.'), text('Rules.', { cache_control: { ...ephemeral, ttl: '1h' } })],
  messages: [
    user(text('<context>'), text('Fix it.')),
    assistant(
      { type: 'thinking', thinking: 'I look first.', signature: 'sig==' },
      text('Looking.'),
      { type: 'tool_use', id: 'toolu_1', name: 'look_up', input: { path: 'a/b', lines: [1, 2] } },
      { type: 'tool_use', id: 'toolu_2', name: 'look_up', input: {} },
    ),
    user(
      { type: 'tool_result', tool_use_id: 'toolu_1', content: [text('found')] },
      {
        type: 'tool_result',
        tool_use_id: 'toolu_2',
        is_error: true,
        content: [
          text('no'),
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
        ],
        cache_control: ephemeral,
      },
      text('Go on.', { cache_control: ephemeral }),
    ),
    assistant({ type: 'redacted_thinking', data: 'opaque' }, text('Done.')),
    user(text('Thanks.')),
  ],
  tools: [
    lookUp,
    { ...lookUp, name: 'edit', cache_control: ephemeral, eager_input_streaming: true },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 5 },
  ],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  thinking: { type: 'enabled', budget_tokens: 10_000 },
  metadata: { user_id: 'someone' },
  temperature: 1,
  stream: true,
  context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
};

describe('a request through the neutral form', () => {
  it.each<[string, JsonObject]>([
    ['the least', base],
    ['a coding agent’s second turn', CODING_AGENT],
    [
      'documents',
      {
        ...base,
        messages: [
          user(
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'AAAA' },
              title: 'a.pdf',
            },
            {
              type: 'document',
              source: { type: 'url', url: 'https://example.test/a.pdf' },
              citations: { enabled: true },
            },
            {
              type: 'document',
              source: { type: 'text', media_type: 'text/plain', data: 'words' },
              context: 'c',
            },
            { type: 'image', source: { type: 'url', url: 'https://example.test/a.png' } },
            { type: 'image', source: { type: 'file', file_id: 'file_1' } },
            { type: 'search_result', source: 's', title: 't', content: [text('x')] },
          ),
        ],
      },
    ],
    [
      'a cache of a scope, and who called',
      {
        ...base,
        system: [text('Rules.', { cache_control: { ...ephemeral, ttl: '1h', scope: 'global' } })],
        messages: [
          user(text('Hi.')),
          assistant({
            type: 'tool_use',
            id: 'toolu_1',
            name: 'look_up',
            input: {},
            caller: { type: 'code_execution_20260120', tool_id: 'srvtoolu_1' },
          }),
          user({ type: 'tool_result', tool_use_id: 'toolu_1', content: [text('x')] }),
        ],
        tools: [{ ...lookUp, cache_control: { ...ephemeral, scope: 'global' } }],
      },
    ],
    [
      'sampling and limits',
      {
        ...base,
        model: 'claude-sonnet-4',
        temperature: 0.5,
        top_p: 0.9,
        top_k: 5,
        stop_sequences: ['END'],
        service_tier: 'standard_only',
      },
    ],
    ['a named tool', { ...base, tools: [lookUp], tool_choice: { type: 'tool', name: 'look_up' } }],
    ['a forced tool', { ...base, tools: [lookUp], tool_choice: { type: 'any' } }],
    ['no tool', { ...base, tools: [lookUp], tool_choice: { type: 'none' } }],
    ['adaptive thinking', { ...base, thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }],
    ['thinking switched off', { ...base, thinking: { type: 'disabled' } }],
    [
      'a schema',
      {
        ...base,
        output_config: {
          format: {
            type: 'json_schema',
            schema: { type: 'object', properties: {}, additionalProperties: false },
          },
        },
      },
    ],
    [
      'instructions in the middle',
      {
        ...base,
        model: 'claude-opus-4-8',
        messages: [
          user(text('Hi.')),
          { role: 'system', content: [text('Later.')] },
          assistant(text('Yes.')),
          user(text('So?')),
        ],
      },
    ],
    [
      'server tools in the history',
      {
        ...base,
        messages: [
          user(text('Hi.')),
          assistant(
            { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
            { type: 'web_search_tool_result', tool_use_id: 's', content: [] },
            text('So.'),
          ),
          user(text('And?')),
        ],
      },
    ],
  ])('%s comes out as it went in, and nothing is dropped', (_name, body) => {
    const before = structuredClone(body);
    const written = roundTrip(body);
    expect(written.value).toEqual(before);
    expect(written.dropped).toEqual([]);
    expect(roundTrip(body)).toEqual(written);
    expect(body).toEqual(before);
  });

  it('strings become blocks, and turns of one role become one', () => {
    const body = {
      ...base,
      system: 'Short.',
      messages: [
        { role: 'user', content: 'One.' },
        { role: 'user', content: 'Two.' },
      ],
    };
    expect(roundTrip(body).value).toMatchObject({
      system: [text('Short.')],
      messages: [user(text('One.'), text('Two.'))],
    });
  });

  it('what was said before stands unchanged in front of what comes after', () => {
    const written = (count: number) =>
      roundTrip({ ...CODING_AGENT, messages: CODING_AGENT.messages.slice(0, count) }).value;
    for (let count = 1; count < CODING_AGENT.messages.length; count++) {
      const [before, after] = [written(count), written(count + 1)];
      expect(JSON.stringify(after.system)).toBe(JSON.stringify(before.system));
      expect(JSON.stringify(after.tools)).toBe(JSON.stringify(before.tools));
      const shorter = JSON.stringify(before.messages).slice(0, -1);
      expect(JSON.stringify(after.messages).startsWith(shorter)).toBe(true);
    }
  });

  it('a beta is carried with the fields that it belongs to', () => {
    expect(read(base, 'one-2025, two-2025').extra?.fields).toEqual({
      anthropic_beta: ['one-2025', 'two-2025'],
    });
  });

  it.each<[JsonObject, string, string]>([
    [{ ...base, max_tokens: undefined }, 'missing_required_parameter', 'max_tokens'],
    [{ ...base, messages: undefined }, 'missing_required_parameter', 'messages'],
    [{ ...base, messages: [{ role: 'user' }] }, 'missing_required_parameter', 'messages[0].content'],
    [{ ...base, messages: ['hi'] }, 'invalid_type', 'messages[0]'],
    [
      { ...base, messages: [user({ type: 'text' })] },
      'missing_required_parameter',
      'messages[0].content[0].text',
    ],
    [{ ...base, stop_sequences: [5] }, 'invalid_type', 'stop_sequences[0]'],
    [{ ...base, tools: ['x'] }, 'invalid_type', 'tools[0]'],
  ])('%j is refused', (body, code, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code, param }));
    expect(() => read(body)).toThrow(GatewayError);
  });
});

describe('elsewhere', () => {
  it('a cache hint lives on where it says more than others can', () => {
    const control = { ...ephemeral, ttl: '1h', scope: 'global' };
    const [system] = read({ ...base, system: [text('Rules.', { cache_control: control })] }).messages;
    expect(system).toMatchObject({
      content: [{ cache: { ttl: '1h' }, extra: { fields: { cache_control: control } } }],
    });
  });

  it.each([
    ['in a block of its own', [text('x-anthropic-billing-header: v=1; cch=0a1b2;'), text('Rules.')]],
    ['in front of the words', 'x-anthropic-billing-header: v=1; cch=0a1b2;\n\nRules.'],
  ])('what the billing is told %s is for Anthropic alone', (_name, system) => {
    const [instructions] = read({ ...base, system }).messages;
    expect(instructions).toMatchObject({
      role: 'system',
      content: [
        { type: 'other', original: { value: text('x-anthropic-billing-header: v=1; cch=0a1b2;') } },
        { type: 'text', text: 'Rules.' },
      ],
    });
  });

  it('nothing is said of a model that calls by itself', () => {
    const call = { type: 'tool_use', id: 't', name: 'n', input: {}, caller: { type: 'direct' } };
    const [, answer] = read({ ...base, messages: [user(text('Hi.')), assistant(call)] }).messages;
    expect(answer).toMatchObject({ content: [{ type: 'tool_call', extra: undefined }] });
  });

  it.each([
    ['switched off by a word of its own', { type: 'between_tools' }, 'disabled'],
    [
      'nothing said of it but of its blocks',
      { block_binding: { prefix_mismatch_behavior: 'error' } },
      undefined,
    ],
    ['a budget alone', { budget_tokens: 2_000 }, 'enabled'],
  ] as const)('thinking: %s', (_name, thinking, mode) => {
    expect(read({ ...base, thinking }).reasoning?.mode).toBe(mode);
  });

  it('what is said of thinking besides is named where it is lost', () => {
    const thinking = { type: 'adaptive', block_binding: { prefix_mismatch_behavior: 'drop_block' } };
    expect(read({ ...base, thinking }).extra?.fields).toEqual({
      thinking: { block_binding: { prefix_mismatch_behavior: 'drop_block' } },
    });
  });

  it.each(['output_format', 'output_config'])('JSON by a schema, as %s has it', (name) => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const format = { type: 'json_schema', schema };
    const asked = name === 'output_config' ? { output_config: { format } } : { output_format: format };
    const { responseFormat, extra } = read({ ...base, ...asked });
    expect(responseFormat).toMatchObject({ type: 'json_schema', schema, strict: true });
    expect(extra).toBeUndefined();
  });

  it('a way of showing thoughts that others have not is named', () => {
    const thinking = { type: 'adaptive', display: 'updates' };
    expect(read({ ...base, thinking }).extra?.fields).toEqual({ thinking: { display: 'updates' } });
  });

  describe('instructions between turns', () => {
    const late = (more: JsonObject) => ({ role: 'system', ...more });
    const said = (...messages: unknown[]) => read({ ...base, messages: [user(text('Hi.')), ...messages] });

    it('may say nothing, and change the effort', () => {
      const message = late({ output_config: { effort: 'low' } });
      expect(said(message).messages[1]).toMatchObject({ role: 'other', original: { value: message } });
    });

    it('bring tools along', () => {
      const addition = { type: 'tool_addition', tool: { type: 'tool_definition', definition: lookUp } };
      const alone = said(late({ content: [addition] }));
      expect(alone.messages).toHaveLength(1);
      expect(alone.tools).toMatchObject([{ type: 'function', name: 'look_up' }]);
      const reference = { type: 'tool_addition', tool: { type: 'tool_reference', name: 'look_up' } };
      const both = said(late({ content: [addition, text('Look.'), reference] }));
      expect(both.messages[1]).toMatchObject({
        role: 'system',
        content: [{ type: 'text', text: 'Look.' }, { type: 'other' }],
      });
    });

    it('for one turn are gone after it', () => {
      const passing = late({ content: 'Now.', clear_at: 'next_user_message' });
      expect(said(passing).messages[1]).toMatchObject({ role: 'system', extra: undefined });
      expect(
        said(passing, assistant(text('Yes.')), user(text('So?'))).messages.map(({ role }) => role),
      ).toEqual(['user', 'assistant', 'user']);
      expect(said(late({ content: 'Stay.', clear_at: 'never' }), user(text('So?'))).messages).toHaveLength(3);
    });
  });

  it('thoughts are shown as asked', () => {
    const asked = (display?: string) =>
      read({ ...base, thinking: { type: 'adaptive', ...(display && { display }) } }).reasoning?.summary;
    expect([asked(), asked('omitted'), asked('summarized')]).toEqual([undefined, 'none', 'auto']);
  });
});
