import { providerPreset } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { serverTraits } from '../../providers/openai-compatible/server-traits.ts';
import { writeRequest } from '../../providers/openai-compatible/write-request.ts';
import { readRequest } from './read-request.ts';

const server = serverTraits({
  ...providerPreset('generic'),
  lacks: [],
  maxTokensField: 'max_completion_tokens',
  cacheControl: true,
  reasoningDetails: false,
});
const write = (request: ChatRequest) => writeRequest(request, request.model, server);
const word = fc.string({ maxLength: 8 });
const toolName = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const schema = fc.constant({ type: 'object', properties: { model: { type: 'string' } } });
const unknownFields = fc.dictionary(
  word.map((name) => `x_${name}`),
  fc.jsonValue({ maxDepth: 2 }),
  { maxKeys: 2 },
);

function withUnknown<Value extends object>(object: fc.Arbitrary<Value>) {
  return fc.tuple(object, unknownFields).map(([known, unknown]) => ({ ...unknown, ...known }));
}

const textPart = withUnknown(fc.record({ type: fc.constant('text'), text: word }));
const part = fc.oneof(
  textPart,
  withUnknown(
    fc.record({
      type: fc.constant('image_url'),
      image_url: fc.record(
        { url: fc.constantFrom('https://x/y.png', 'data:image/png;base64,AAAA', 'data:,x'), detail: word },
        { requiredKeys: ['url'] },
      ),
    }),
  ),
  fc.record({
    type: fc.constant('input_audio'),
    input_audio: fc.record({ data: fc.constant('AAAA'), format: fc.constantFrom('wav', 'mp3', 'flac') }),
  }),
  fc.record({
    type: fc.constant('file'),
    file: fc.oneof(
      fc.record({ file_id: word }),
      fc.record({ file_data: fc.constantFrom('data:application/pdf;base64,AA', 'AA'), filename: word }),
    ),
  }),
  fc.record({ type: fc.constant('video_url'), video_url: fc.jsonValue() }),
);
/** One plain text part is written as a string, which is the documented normalization. */
const parts = fc
  .array(part, { minLength: 1, maxLength: 3 })
  .filter(([only, ...more]) => more.length > 0 || only?.type !== 'text' || Object.keys(only).length > 2);
const content = fc.oneof(word, parts);
const call = fc.oneof(
  withUnknown(
    fc.record({
      id: word,
      type: fc.constant('function'),
      function: fc.record({ name: toolName, arguments: fc.string({ minLength: 1, maxLength: 8 }) }),
    }),
  ),
);
const message = fc.oneof(
  withUnknown(
    fc.record(
      { role: fc.constantFrom('system', 'developer'), content: word, name: word },
      { requiredKeys: ['role', 'content'] },
    ),
  ),
  withUnknown(
    fc.record({ role: fc.constant('user'), content, name: word }, { requiredKeys: ['role', 'content'] }),
  ),
  withUnknown(
    fc.record({
      role: fc.constant('tool'),
      tool_call_id: word,
      content: fc.oneof(word, fc.array(textPart, { minLength: 2, maxLength: 3 })),
    }),
  ),
  withUnknown(
    fc.record(
      {
        role: fc.constant('assistant'),
        content: fc.oneof(word, fc.constant(null)),
        refusal: word,
        reasoning_content: word,
        tool_calls: fc.array(call, { minLength: 1, maxLength: 2 }),
        audio: fc.record({ id: word }),
      },
      { requiredKeys: ['role', 'content'] },
    ),
  ),
  fc.record({ role: fc.constant('function'), name: word, content: word }),
);
const tool = fc.oneof(
  fc.record({
    type: fc.constant('function'),
    function: withUnknown(
      fc.record(
        { name: toolName, description: word, parameters: schema, strict: fc.boolean() },
        { requiredKeys: ['name'] },
      ),
    ),
  }),
  fc.record({ type: fc.constant('custom'), custom: fc.jsonValue() }),
);
const request = withUnknown(
  fc.record(
    {
      model: word,
      messages: fc.array(message, { maxLength: 5 }),
      tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
      tool_choice: fc.oneof(
        fc.constantFrom('auto', 'none', 'required'),
        fc.record({ type: fc.constant('function'), function: fc.record({ name: toolName }) }),
        fc.record({ type: fc.constant('allowed_tools'), allowed_tools: fc.jsonValue() }),
      ),
      parallel_tool_calls: fc.boolean(),
      temperature: fc.double({ noNaN: true, noDefaultInfinity: true }),
      top_p: fc.nat(),
      seed: fc.integer(),
      max_completion_tokens: fc.nat(),
      stop: fc.array(word, { maxLength: 3 }),
      reasoning_effort: word,
      response_format: fc.oneof(
        fc.constantFrom({ type: 'text' }, { type: 'json_object' }, { type: 'grammar', grammar: 'x' }),
        fc.record({
          type: fc.constant('json_schema'),
          json_schema: fc.record({ name: word, schema, strict: fc.boolean() }),
        }),
      ),
      user: word,
      n: fc.nat(),
      logit_bias: fc.dictionary(word, fc.nat()),
      metadata: fc.dictionary(word, word),
      max_tokens: fc.nat(),
    },
    { requiredKeys: ['model', 'messages', 'max_completion_tokens'] },
  ),
);
const streaming = fc.record({
  stream: fc.constant(true),
  // Asked for in every stream; hidden from clients who did not.
  stream_options: fc.record({ include_usage: fc.constant(true), include_obfuscation: fc.boolean() }),
});
const anyRequest = fc.oneof(
  request,
  fc.tuple(request, streaming).map(([body, options]) => ({ ...body, ...options })),
);

describe('a request through the neutral form', () => {
  it('comes out on the same wire as it went in', () => {
    fc.assert(
      fc.property(anyRequest, (body) => {
        const before = structuredClone(body);
        const neutral = readRequest(body);
        const written = write(neutral);
        expect(written.value).toEqual(before);
        expect(written.dropped).toEqual([]);
        expect(write(neutral)).toEqual(written);
        expect(body).toEqual(before);
      }),
      { numRuns: 500 },
    );
  });

  it('is normalized as documented', () => {
    const body = {
      model: 'm',
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
        { role: 'assistant', tool_calls: [] },
      ],
      temperature: null,
      stop: 'end',
      max_tokens: 5,
      stream: false,
    };
    expect(writeRequest(readRequest(body), 'm', { ...server, maxTokensField: 'max_tokens' }).value).toEqual({
      model: 'm',
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: null },
      ],
      stop: ['end'],
      max_tokens: 5,
    });
  });

  it('reports by name what another wire brought and this one cannot say', () => {
    const wire = 'anthropic-messages';
    const neutral: ChatRequest = {
      model: 'm',
      messages: [
        {
          role: 'system',
          content: [{ type: 'text', text: 's', extra: { wire, fields: { cache_control: {} } } }],
        },
        { role: 'user', content: [{ type: 'image', source: { kind: 'uploaded', wire, id: 'f' } }] },
        { role: 'assistant', content: [{ type: 'reasoning', text: 't', signature: { value: 's' } }] },
        { role: 'tool', toolCallId: 'c', content: [], isError: true },
      ],
      tools: [{ type: 'other', original: { wire, value: { type: 'bash' } } }],
      sampling: {},
      reasoning: { budgetTokens: 5 },
      stream: false,
      includeUsage: false,
      extra: { wire, fields: { container: 'x' } },
    };
    const written = write(neutral);
    expect([...written.dropped].sort()).toEqual([
      'container',
      'messages[0].content[0].cache_control',
      'messages[1].content[0]',
      'messages[2].reasoning.signature',
      'messages[3].is_error',
      'reasoning.budget_tokens',
      'tools[0]',
    ]);
    expect(JSON.stringify(written.value)).not.toContain('cache_control');
  });

  it.each([
    [{}, 'missing_required_parameter', 'model'],
    [{ model: 'm' }, 'missing_required_parameter', 'messages'],
    [{ model: 'm', messages: 'hi' }, 'invalid_type', 'messages'],
    [{ model: 'm', messages: ['hi'] }, 'invalid_type', 'messages[0]'],
    [{ model: 'm', messages: [{ role: 'user', content: 5 }] }, 'invalid_type', 'messages[0].content'],
    [
      { model: 'm', messages: [{ role: 'tool', content: '' }] },
      'missing_required_parameter',
      'messages[0].tool_call_id',
    ],
    [{ model: 'm', messages: [], temperature: '1' }, 'invalid_type', 'temperature'],
    [{ model: 'm', messages: [], stop: [1] }, 'invalid_type', 'stop'],
    [
      { model: 'm', messages: [], tools: [{ type: 'function', function: {} }] },
      'missing_required_parameter',
      'tools[0].function.name',
    ],
  ])('refuses %j', (body, code, param) => {
    try {
      readRequest(body);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(GatewayError);
      expect(error).toMatchObject({ code, param });
    }
  });
});

describe('what clients send', () => {
  const user = (...content: unknown[]) => ({ model: 'm', messages: [{ role: 'user', content }] });
  const DATA = 'data:image/png;base64,AAAA';
  const source = { kind: 'base64', mediaType: 'image/png', data: 'AAAA' };

  it.each([
    ['an address without an object', { type: 'image_url', image_url: DATA }, { type: 'image', source }],
    [
      'a detail that is null',
      { type: 'image_url', image_url: { url: DATA, detail: null } },
      { type: 'image', source },
    ],
    [
      'a file without a name',
      { type: 'file', file: { file_data: 'data:application/pdf;base64,AA', filename: null, file_id: null } },
      { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AA' } },
    ],
    [
      'a file by its address',
      { type: 'file', file: { file_data: 'https://a.test/a.pdf', filename: 'a.pdf' } },
      { type: 'file', name: 'a.pdf', source: { kind: 'url', url: 'https://a.test/a.pdf' } },
    ],
    [
      'a sound of another format',
      { type: 'input_audio', input_audio: { data: 'AA', format: 'flac' } },
      { type: 'audio', source: { kind: 'base64', mediaType: 'audio/flac', data: 'AA' } },
    ],
  ])('%s', (_name, part, expected) => {
    const [message] = readRequest(user(part)).messages;
    expect(message).toMatchObject({ content: [expected] });
  });

  it.each([
    [
      'a schema beside json_object',
      { response_format: { type: 'json_object', schema: { type: 'object' } } },
      { responseFormat: { type: 'json_schema', schema: { type: 'object' } } },
    ],
    ['json_object alone', { response_format: { type: 'json_object' } }, { responseFormat: { type: 'json' } }],
    [
      "Mistral's word for a call that has to be",
      { tool_choice: 'any' },
      { toolChoice: { type: 'required' } },
    ],
  ])('%s', (_name, more, expected) => {
    expect(readRequest({ ...user(), ...more })).toMatchObject(expected);
  });

  it('reads the text of a thought whose details are an empty list', () => {
    const said = { role: 'assistant', content: 'a', reasoning: 'r', reasoning_details: [] };
    const [message] = readRequest({ model: 'm', messages: [said] }).messages;
    expect(message).toMatchObject({ content: [{ type: 'reasoning', text: 'r' }, { text: 'a' }] });
  });

  it('hands an answer back with all that stood in it, and nothing is named as lost', () => {
    const call = { id: 'c', index: 0, type: 'function', function: { name: 'f', arguments: '{}' } };
    const answer = {
      role: 'assistant',
      content: null,
      refusal: null,
      annotations: [],
      audio: null,
      function_call: null,
      tool_calls: [call],
    };
    const dropped = new DroppedFields('anthropic-messages');
    const [message] = readRequest({ model: 'm', messages: [answer] }).messages;
    if (message?.role !== 'assistant') throw new Error('no message');
    dropped.keepExtra(message.extra, 'messages[0]');
    for (const part of message.content) if ('extra' in part) dropped.keepExtra(part.extra, 'part');
    expect(message.content).toMatchObject([{ type: 'tool_call', id: 'c', name: 'f' }]);
    expect(dropped.names).toEqual([]);
  });
});
