import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../chat/chat-request.ts';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { compileSchema } from './compile-schema.ts';
import { writeRequest } from './write-request.ts';

const HOST = { address: () => ({ path: '' }), callIds: true, labels: true, serviceTiers: true };

function request(more: Partial<ChatRequest>): ChatRequest {
  return { model: 'm', messages: [], tools: [], sampling: {}, stream: false, includeUsage: false, ...more };
}

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}

const text = (words: string) => ({ type: 'text', text: words }) as const;
const CHAT: readonly ChatMessage[] = [
  { role: 'system', content: [text('be'), text('brief')] },
  { role: 'user', content: [text('weather in two towns?')] },
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'hm', signature: { value: 'S0' } },
      { type: 'tool_call', id: 'a', name: 'weather', arguments: '{"town":"A"}', signature: { value: 'S1' } },
      { type: 'tool_call', id: 'b', name: 'weather', arguments: '' },
    ],
  },
  { role: 'tool', toolCallId: 'b', content: [text('rain')], isError: true },
  { role: 'tool', toolCallId: 'a', content: [text('sun')] },
  { role: 'user', content: [text('and?')] },
  { role: 'assistant', content: [{ type: 'reasoning', text: '', signature: { value: 'S2' } }, text('done')] },
  { role: 'user', content: [text('thanks')] },
];

describe('a chat written for Gemini', () => {
  it('keeps blocks, order, signatures and results in the order of their calls', () => {
    const { value, dropped } = writeRequest(
      freeze(request({ messages: CHAT })),
      'gemini-3-pro-preview',
      HOST,
    );
    expect(dropped).toEqual([]);
    expect(value).toEqual({
      systemInstruction: { parts: [{ text: 'be' }, { text: 'brief' }] },
      contents: [
        { role: 'user', parts: [{ text: 'weather in two towns?' }] },
        {
          role: 'model',
          parts: [
            { text: 'hm', thought: true, thoughtSignature: 'S0' },
            { functionCall: { id: 'a', name: 'weather', args: { town: 'A' } }, thoughtSignature: 'S1' },
            { functionCall: { id: 'b', name: 'weather', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'a', name: 'weather', response: { output: 'sun' } } },
            { functionResponse: { id: 'b', name: 'weather', response: { error: 'rain' } } },
            { text: 'and?' },
          ],
        },
        { role: 'model', parts: [{ text: 'done', thoughtSignature: 'S2' }] },
        { role: 'user', parts: [{ text: 'thanks' }] },
      ],
    });
  });

  it.each([
    ['{"id":9007199254740993}', true],
    ['{"far":[{"a":1e999}]}', true],
    ['{"id":9007199254740991,"card":"4111111111111111","pi":3.1415926535897932}', false],
  ])('names numbers that Google would round: %s', (text, named) => {
    const call = { type: 'tool_call', id: 'a', name: 'f', arguments: text } as const;
    const messages: ChatMessage[] = [{ role: 'assistant', content: [call] }];
    const { dropped } = writeRequest(request({ messages }), 'gemini-2.5-flash', HOST);
    expect(dropped).toEqual(named ? ['messages[0].content[0].arguments'] : []);
  });

  it('leaves ids to the order of calls where the host takes none', () => {
    const { value, dropped } = writeRequest(request({ messages: CHAT }), 'gemini-3-pro', {
      ...HOST,
      callIds: false,
    });
    expect(dropped).toEqual([]);
    expect(JSON.stringify(value)).not.toContain('"id"');
    expect(JSON.stringify(value)).toMatch(/"sun".*"rain"/);
  });

  it('is the same each time, and a prefix of the next turn', () => {
    const write = (count: number) =>
      JSON.stringify(writeRequest(request({ messages: CHAT.slice(0, count) }), 'gemini-3-pro', HOST).value);
    const whole = write(CHAT.length);
    expect(write(CHAT.length)).toBe(whole);
    // Cut behind whole turns; what is left open is the end of the list and of the last turn's parts.
    for (const count of [2, 3, 5, 6, 7])
      expect(whole.startsWith(write(count).replace(/[\]}]+$/, ''))).toBe(true);
  });

  it('marks calls whose signature the history lacks, for Gemini 3 alone', () => {
    const messages: ChatMessage[] = [
      { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'f', arguments: 'no json' }] },
    ];
    const third = writeRequest(request({ messages }), 'publishers/google/models/gemini-3-flash', HOST);
    expect(third.dropped).toEqual(['messages[0].content[0].signature', 'messages[0].content[0].arguments']);
    expect(JSON.stringify(third.value)).toContain('skip_thought_signature_validator');
    expect(JSON.stringify(writeRequest(request({ messages }), 'gemini-2.5-pro', HOST).value)).not.toContain(
      'skip',
    );
  });

  it.each([
    ['gemini-2.5-flash', { effort: 'medium' }, { thinkingBudget: 8192, includeThoughts: true }, []],
    ['gemini-2.5-flash', { mode: 'disabled' }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }, ['reasoning.effort']],
    [
      'gemini-2.5-pro',
      { mode: 'enabled', budgetTokens: 77 },
      { thinkingBudget: 77, includeThoughts: true },
      [],
    ],
    ['gemini-3.1-pro', { effort: 'high' }, { thinkingLevel: 'HIGH', includeThoughts: true }, []],
    [
      'gemini-3-pro',
      { effort: 'medium', summary: 'none' },
      { thinkingLevel: 'HIGH', includeThoughts: false },
      ['reasoning.effort'],
    ],
    [
      'gemini-3-flash',
      { effort: 'xhigh' },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      ['reasoning.effort'],
    ],
    ['gemini-2.0-flash', { effort: 'low' }, undefined, ['reasoning.effort']],
    [
      'projects/p/locations/l/endpoints/1',
      { effort: 'low' },
      { includeThoughts: true },
      ['reasoning.effort'],
    ],
  ] as const)('thinks on %s with %j', (model, reasoning, thinkingConfig, names) => {
    const { value, dropped } = writeRequest(request({ reasoning }), model, HOST);
    expect((value.generationConfig as { thinkingConfig?: unknown } | undefined)?.thinkingConfig).toEqual(
      thinkingConfig,
    );
    expect(dropped).toEqual(names);
  });

  it('writes sampling, tools, choice and format, and names what has no place', () => {
    const { value, dropped } = writeRequest(
      request({
        sampling: {
          temperature: 0,
          topK: 3,
          stopSequences: ['a', 'b', 'c', 'd', 'e', 'f'],
          logitBias: {},
          choices: 2,
        },
        tools: [
          { type: 'function', name: 'my tool', parameters: { type: 'object', properties: {} }, strict: true },
          { type: 'custom', name: 'patch' },
        ],
        toolChoice: { type: 'function', name: 'my tool' },
        responseFormat: {
          type: 'json_schema',
          name: 'n',
          schema: { type: 'object', properties: { a: { const: 'x' } } },
        },
        metadata: { team: 'red', Bad: 'x' },
        serviceTier: 'flex',
        endUser: 'u',
      }),
      'gemini-2.5-flash',
      HOST,
    );
    const name = expect.stringMatching(/^my_tool_[0-9a-f]{8}$/);
    expect(value).toMatchObject({
      generationConfig: {
        temperature: 0,
        topK: 3,
        candidateCount: 2,
        stopSequences: ['a', 'b', 'c', 'd', 'e'],
        responseMimeType: 'application/json',
        responseSchema: { title: 'n', type: 'OBJECT', properties: { a: { type: 'STRING', enum: ['x'] } } },
      },
      tools: [
        {
          functionDeclarations: [
            { name },
            { name: 'patch', parameters: { type: 'OBJECT', properties: { input: { type: 'STRING' } } } },
          ],
        },
      ],
      toolConfig: {
        functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [name] },
      },
      labels: { team: 'red' },
      serviceTier: 'flex',
    });
    expect([...dropped].sort()).toEqual(['logit_bias', 'metadata.Bad', 'stop', 'tools[0].strict', 'user']);
  });
});

describe('a schema compiled for Gemini', () => {
  it.each([
    [{ type: ['string', 'null'] }, { type: 'STRING', nullable: true }, []],
    [
      { anyOf: [{ type: 'integer' }, { type: 'null' }], description: 'd' },
      { type: 'INTEGER', nullable: true, description: 'd' },
      [],
    ],
    [
      {
        anyOf: [{ type: 'integer', description: 'own' }, { type: 'string' }, { type: 'null' }],
        description: 'd',
        title: 'T',
        default: null,
      },
      {
        anyOf: [
          { type: 'INTEGER', description: 'own', nullable: true },
          { type: 'STRING', description: 'd', nullable: true },
        ],
      },
      ['s.title', 's.default'],
    ],
    [
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        anyOf: [{ required: ['a'] }, { required: ['b'] }],
      },
      { type: 'OBJECT', properties: { a: { type: 'STRING' } } },
      ['s.anyOf[0].required', 's.anyOf[1].required', 's.anyOf'],
    ],
    [
      { type: ['string', 'array', 'null'], minLength: 1, items: { type: 'string' } },
      {
        anyOf: [
          { type: 'STRING', minLength: 1, nullable: true },
          { type: 'ARRAY', items: { type: 'STRING' }, nullable: true },
        ],
      },
      [],
    ],
    [{ type: ['string', 'integer'], enum: ['a', 'b'] }, { type: 'STRING', enum: ['a', 'b'] }, []],
    [{ $ref: '#/$defs/a', $defs: { a: { type: 'string' } } }, { type: 'STRING' }, []],
    [
      {
        type: 'object',
        properties: { $ref: { type: 'string' }, enum: { enum: ['$ref', 'type'] } },
        additionalProperties: false,
      },
      {
        type: 'OBJECT',
        properties: { $ref: { type: 'STRING' }, enum: { type: 'STRING', enum: ['$ref', 'type'] } },
      },
      [],
    ],
    [
      { type: 'string', format: 'uri', default: { $ref: 'data' } },
      { type: 'STRING', default: { $ref: 'data' } },
      ['s.format'],
    ],
    [{ type: 'integer', enum: [1, 2] }, { type: 'INTEGER' }, ['s.enum']],
    [{ type: 'array', uniqueItems: true }, { type: 'ARRAY', items: {} }, ['s.uniqueItems']],
  ])('%j', (schema, expected, names) => {
    const dropped = new DroppedFields('gemini-content');
    expect(compileSchema(freeze(schema), 's', dropped)).toEqual(expected);
    expect(dropped.names).toEqual(names);
  });

  it('cuts recursion and names it', () => {
    const dropped = new DroppedFields('gemini-content');
    const node = { type: 'object', properties: { next: { $ref: '#/$defs/node' } } };
    expect(compileSchema({ $ref: '#/$defs/node', $defs: { node } }, 's', dropped)).toEqual({
      type: 'OBJECT',
      properties: { next: { type: 'OBJECT' } },
    });
    expect(dropped.names).toEqual(['s.properties.next.$ref']);
  });
});
