import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../chat/chat-request.ts';
import { DroppedFields } from '../../chat/dropped-fields.ts';
import { compileSchema } from './compile-schema.ts';
import { writeRequest } from './write-request.ts';

const HOST = {
  address: () => ({ path: '' }),
  callIds: true,
  labels: true,
  serviceTiers: true,
  penalties: true,
  logprobs: true,
  formBesideFunctions: true,
};

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
    const messages: ChatMessage[] = [
      { role: 'user', content: [{ type: 'text', text: 'go' }] },
      { role: 'assistant', content: [call] },
    ];
    const { dropped } = writeRequest(request({ messages }), 'gemini-2.5-flash', HOST);
    expect(dropped).toEqual(named ? ['messages[1].content[0].arguments'] : []);
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
      { role: 'user', content: [{ type: 'text', text: 'go' }] },
      { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'f', arguments: 'no json' }] },
    ];
    const third = writeRequest(request({ messages }), 'publishers/google/models/gemini-3-flash', HOST);
    expect(third.dropped).toEqual(['messages[1].content[0].signature', 'messages[1].content[0].arguments']);
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
      { mode: 'enabled', budgetTokens: 2_048 },
      { thinkingBudget: 2_048, includeThoughts: true },
      [],
    ],
    [
      'gemini-2.5-flash',
      { mode: 'enabled', budgetTokens: 31_999 },
      { thinkingBudget: 24_576, includeThoughts: true },
      ['reasoning.budget_tokens'],
    ],
    ['gemini-3.5-flash', { effort: 'minimal' }, { thinkingLevel: 'MINIMAL', includeThoughts: true }, []],
    [
      'gemini-3.7-flash',
      { effort: 'minimal' },
      { thinkingLevel: 'LOW', includeThoughts: true },
      ['reasoning.effort'],
    ],
    ['gemini-3.8-flash', { effort: 'none' }, { thinkingLevel: 'LOW' }, ['reasoning.effort']],
    ['gemini-3.8-flash-lite', { effort: 'none' }, { thinkingLevel: 'MINIMAL' }, ['reasoning.effort']],
    [
      'gemini-3.1-flash-image',
      { effort: 'low' },
      { thinkingLevel: 'MINIMAL', includeThoughts: true },
      ['reasoning.effort'],
    ],
    ['gemini-2.5-flash', { mode: 'enabled' }, { thinkingBudget: -1, includeThoughts: true }, []],
    ['gemini-2.5-flash', { summary: 'auto' }, { includeThoughts: true }, []],
    ['gemini-2.5-flash-lite', { summary: 'auto' }, undefined, []],
    ['gemini-2.5-flash-image', { effort: 'low' }, undefined, ['reasoning.effort']],
    ['gemini-flash-latest', { effort: 'low' }, { thinkingLevel: 'LOW', includeThoughts: true }, []],
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
        },
        tools: [
          { type: 'function', name: 'my tool', parameters: { type: 'object', properties: {} }, strict: true },
          { type: 'custom', name: 'patch' },
        ],
        toolChoice: { type: 'function', name: 'my tool' },
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
        stopSequences: ['a', 'b', 'c', 'd', 'e'],
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
    expect([...dropped].sort()).toEqual(['logit_bias', 'metadata.Bad', 'stop', 'user']);
  });

  const form = {
    type: 'json_schema',
    name: 'n',
    schema: { type: 'object', properties: { a: { const: 'x' } } },
  } as const;
  const written = {
    responseMimeType: 'application/json',
    responseSchema: { title: 'n', type: 'OBJECT', properties: { a: { type: 'STRING', enum: ['x'] } } },
  };
  const look = { type: 'function', name: 'look' } as const;
  it.each([
    ['alone', 'gemini-2.5-flash', false, {}, written, []],
    ['beside functions', 'gemini-3-flash', false, { tools: [look] }, written, []],
    ['beside functions at Vertex AI', 'gemini-2.5-flash', true, { tools: [look] }, written, []],
    [
      'beside functions, of an older model',
      'gemini-2.5-flash',
      false,
      { tools: [look] },
      undefined,
      ['response_format'],
    ],
    [
      'beside a call that has to be made',
      'gemini-3-flash',
      true,
      { tools: [look], toolChoice: { type: 'required' } },
      undefined,
      [],
    ],
  ] as const)('has a form %s', (_name, model, formBesideFunctions, more, config, names) => {
    const { value, dropped } = writeRequest(request({ responseFormat: form, ...more }), model, {
      ...HOST,
      formBesideFunctions,
    });
    expect(value.generationConfig).toEqual(config);
    expect(dropped).toEqual(names);
  });

  it.each([
    ['gemini-2.5-pro', 'auto', 'VALIDATED', []],
    ['gemini-3-pro', undefined, 'VALIDATED', []],
    ['gemini-2.5-pro', 'required', 'ANY', []],
    ['gemini-2.0-flash', 'auto', 'AUTO', ['tools[0].strict']],
  ] as const)('holds calls of %s to their schemas when it may choose %s', (model, choice, mode, names) => {
    const { value, dropped } = writeRequest(
      request({ tools: [{ ...look, strict: true }], ...(choice && { toolChoice: { type: choice } }) }),
      model,
      HOST,
    );
    expect(value.toolConfig).toEqual({ functionCallingConfig: { mode } });
    expect(dropped).toEqual(names);
  });

  it.each([
    ['gemini-2.5-pro', false, undefined, ['presence_penalty']],
    ['gemini-2.5-pro', true, { presencePenalty: 0.5, frequencyPenalty: 0 }, []],
    ['gemini-2.0-flash', false, { presencePenalty: 0.5, frequencyPenalty: 0 }, []],
  ] as const)('gives penalties to %s where the host takes them: %s', (model, penalties, config, names) => {
    const { value, dropped } = writeRequest(
      request({ sampling: { presencePenalty: 0.5, frequencyPenalty: 0 } }),
      model,
      { ...HOST, penalties },
    );
    expect(value.generationConfig).toEqual(config);
    expect(dropped).toEqual(names);
  });

  it.each([
    ['gemini-2.5-pro', true, false, { responseLogprobs: true, logprobs: 2 }],
    ['gemini-2.0-flash', false, false, { responseLogprobs: true, logprobs: 2 }],
    ['gemini-2.5-pro', true, true, undefined],
    ['gemini-2.5-pro', false, false, undefined],
    ['gemini-3.5-flash', true, false, undefined],
  ] as const)(
    'asks %s for log probabilities where the host (%s) has them, streamed: %s',
    (model, logprobs, stream, config) => {
      const sampling = { logprobs: true, topLogprobs: 2 };
      const { value, dropped } = writeRequest(request({ sampling, stream }), model, { ...HOST, logprobs });
      expect(value.generationConfig).toEqual(config);
      expect(dropped).toEqual(config ? [] : ['logprobs', 'top_logprobs']);
    },
  );

  it('says instructions to a model that takes none as words of the user', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: [text('be brief')] },
      { role: 'user', content: [text('hi')] },
    ];
    const { value, dropped } = writeRequest(request({ messages }), 'gemma-3-27b-it', HOST);
    expect(value).toEqual({ contents: [{ role: 'user', parts: [{ text: 'be brief' }, { text: 'hi' }] }] });
    expect(dropped).toEqual(['messages[0].role']);
    expect(writeRequest(request({ messages }), 'gemma-4-31b-it', HOST).dropped).toEqual([]);
  });

  it.each([
    ['instructions alone', [{ role: 'system', content: [text('greet')] }], [' '], ['messages[1].turn']],
    ['an empty word', [{ role: 'user', content: [text('')] }], [' ']],
    ['an empty word beside others', [{ role: 'user', content: [text(''), text('hi'), text('')] }], ['hi']],
    [
      'an answer that was empty',
      [
        { role: 'user', content: [text('a')] },
        { role: 'assistant', content: [text('')] },
        { role: 'user', content: [text('b')] },
      ],
      ['a', ' ', 'b'],
    ],
  ] as const)('has no empty text, which Google refuses, for %s', (_name, messages, texts, ...named) => {
    const { value, dropped } = writeRequest(request({ messages }), 'gemini-2.5-flash', HOST);
    const contents = value.contents as { parts: { text: string }[] }[];
    expect(contents.flatMap(({ parts }) => parts.map((part) => part.text))).toEqual(texts);
    expect(dropped).toEqual(named.flat());
  });

  it.each([
    ['gemini-2.5-flash', ['user', 'model', 'user', 'model'], ['messages[0].turn']],
    [
      'gemini-3.8-flash',
      ['user', 'model', 'user', 'model', 'user'],
      ['messages[0].turn', 'messages[2].turn'],
    ],
  ])('begins with a turn of the user, and ends with one where %s wants that', (model, roles, names) => {
    const messages: ChatMessage[] = [
      { role: 'assistant', content: [text('hello')] },
      { role: 'user', content: [text('a list')] },
      { role: 'assistant', content: [text('1.')] },
    ];
    const { value, dropped } = writeRequest(request({ messages }), model, HOST);
    expect((value.contents as { role: string }[]).map(({ role }) => role)).toEqual(roles);
    expect(dropped).toEqual(names);
  });

  it.each([{}, { type: 'object' }, { type: 'object', properties: {} }, { additionalProperties: false }])(
    'takes a function with %j for one without parameters',
    (parameters) => {
      const tools = [{ ...look, parameters }];
      const { value } = writeRequest(request({ tools }), 'gemini-2.5-flash', HOST);
      expect(value.tools).toEqual([{ functionDeclarations: [{ name: 'look' }] }]);
    },
  );

  it('shortens a name that is longer than all models take', () => {
    const tools = [{ type: 'function', name: `a${'b'.repeat(64)}` } as const, look];
    const { value } = writeRequest(request({ tools }), 'gemini-2.5-flash', HOST);
    const name = expect.stringMatching(/^ab{54}_[0-9a-f]{8}$/);
    expect(value.tools).toEqual([{ functionDeclarations: [{ name }, { name: 'look' }] }]);
  });

  it('orders results by the calls of all messages that make the turn', () => {
    const call = (id: string) => ({ type: 'tool_call', id, name: `f${id}`, arguments: '' }) as const;
    const messages: ChatMessage[] = [
      { role: 'user', content: [{ ...text(''), cache: {} }, text('go')] },
      { role: 'assistant', content: [call('1')] },
      { role: 'assistant', content: [call('2')] },
      { role: 'tool', toolCallId: '2', content: [text('two')] },
      { role: 'tool', toolCallId: '1', content: [text('one')] },
    ];
    const { value, dropped } = writeRequest(request({ messages }), 'gemini-2.5-flash', HOST);
    expect(JSON.stringify(value)).toMatch(/functionCall.*f1.*f2.*functionResponse.*one.*two/);
    expect(dropped).toEqual(['messages[0].content[0].cache_control']);
  });

  it('shows media inside of a result where it may stand, and else behind it', () => {
    const picture = { kind: 'base64', mediaType: 'image/png', data: 'AA==' } as const;
    const sound = { kind: 'base64', mediaType: 'audio/wav', data: 'BB==' } as const;
    const messages: ChatMessage[] = [
      { role: 'user', content: [text('look')] },
      { role: 'assistant', content: [{ type: 'tool_call', id: 'a', name: 'f', arguments: '' }] },
      {
        role: 'tool',
        toolCallId: 'a',
        content: [
          { type: 'image', source: picture },
          { type: 'audio', source: sound },
        ],
      },
    ];
    const image = { inlineData: { mimeType: 'image/png', data: 'AA==' } };
    const audio = { inlineData: { mimeType: 'audio/wav', data: 'BB==' } };
    const result = { id: 'a', name: 'f', response: { output: '' } };
    const third = writeRequest(request({ messages }), 'gemini-3-flash', HOST);
    const partsOf = ({ value }: typeof third) => (value.contents as { parts: unknown[] }[]).at(-1)?.parts;
    expect(partsOf(third)).toEqual([{ functionResponse: { ...result, parts: [image] } }, audio]);
    expect(third.dropped).toContain('messages[2].content[1].tool_call_id');
    const second = writeRequest(request({ messages }), 'gemini-2.5-flash', HOST);
    expect(partsOf(second)).toEqual([{ functionResponse: result }, image, audio]);
  });

  it('has no call at the beginning, where Google refuses one', () => {
    const call = { type: 'tool_call', id: 'a', name: 'f', arguments: '{}' } as const;
    const messages: ChatMessage[] = [
      { role: 'system', content: [text('s')] },
      { role: 'assistant', content: [call] },
      { role: 'tool', toolCallId: 'a', content: [text('x')] },
    ];
    const { value } = writeRequest(request({ messages }), 'gemini-2.5-flash', HOST);
    expect(value.contents).toMatchObject([
      { role: 'user', parts: [{ text: ' ' }] },
      { role: 'model', parts: [{ functionCall: { name: 'f' } }] },
      { role: 'user' },
    ]);
  });

  it.each([
    [
      'numbers to choose from and maps',
      {
        type: 'object',
        properties: {
          level: { type: 'integer', enum: [1, 2] },
          tags: { type: 'object', additionalProperties: { $ref: '#/$defs/tag' } },
          pair: { type: 'array', prefixItems: [{ type: 'number' }, { const: 3 }] },
        },
        $defs: { tag: { type: ['string', 'null'], $comment: 'c' } },
        $schema: 'x',
      },
      {
        type: 'object',
        properties: {
          level: { type: 'integer', enum: [1, 2] },
          tags: { type: 'object', additionalProperties: { type: ['string', 'null'] } },
          pair: { type: 'array', prefixItems: [{ type: 'number' }, { enum: [3] }] },
        },
      },
      [],
    ],
    [
      'what may hold itself',
      {
        $ref: '#/definitions/node',
        definitions: {
          node: {
            type: 'object',
            properties: {
              level: { enum: [1, 2] },
              next: { $ref: '#/definitions/node' },
              all: { $ref: '#/definitions/node' },
            },
            required: ['all'],
          },
        },
      },
      {
        type: 'object',
        properties: { level: { enum: [1, 2] }, next: { $ref: '#/$defs/node' }, all: { type: 'object' } },
        required: ['all'],
        $defs: {
          node: {
            type: 'object',
            properties: { level: { enum: [1, 2] }, next: { $ref: '#/$defs/node' }, all: { type: 'object' } },
            required: ['all'],
          },
        },
      },
      ['tools[0].parameters.$defs.node.properties.all.$ref', 'tools[0].parameters.properties.all.$ref'],
    ],
  ])('keeps JSON Schema as it is for %s', (_name, parameters, kept, names) => {
    const tools = [{ type: 'function', name: 'f', parameters }] as const;
    const { value, dropped } = writeRequest(freeze(request({ tools })), 'gemini-2.5-flash', HOST);
    expect(value.tools).toEqual([{ functionDeclarations: [{ name: 'f', parametersJsonSchema: kept }] }]);
    expect(dropped).toEqual(names);
    const responseFormat = { type: 'json_schema', name: 'n', schema: parameters } as const;
    const answer = writeRequest(request({ responseFormat }), 'gemini-2.5-flash', HOST).value;
    expect(answer.generationConfig).toMatchObject({ responseJsonSchema: { ...kept, title: 'n' } });
    expect(JSON.stringify(writeRequest(request({ tools }), 'tuned', HOST).value)).not.toContain('JsonSchema');
  });

  it('tells a model all of what a function takes, and holds an answer to what is documented', () => {
    const schema = {
      type: 'object',
      properties: {
        port: { type: 'integer', exclusiveMinimum: 0, enum: [80, 443] },
        site: { type: 'string', format: 'uri', not: { $ref: '#/$defs/x' } },
      },
      $defs: { x: { const: 'x' } },
    };
    const tools = [{ type: 'function', name: 'f', parameters: schema }] as const;
    const asked = writeRequest(request({ tools }), 'gemini-2.5-flash', HOST);
    expect(asked.value.tools).toEqual([
      {
        functionDeclarations: [
          {
            name: 'f',
            parametersJsonSchema: {
              type: 'object',
              properties: {
                port: { type: 'integer', exclusiveMinimum: 0, enum: [80, 443] },
                site: { type: 'string', format: 'uri' },
              },
            },
          },
        ],
      },
    ]);
    expect(asked.dropped).toEqual(['tools[0].parameters.properties.site.not']);
    const responseFormat = { type: 'json_schema', name: 'n', schema } as const;
    const answered = writeRequest(request({ responseFormat }), 'gemini-2.5-flash', HOST);
    expect(answered.value.generationConfig).toMatchObject({
      responseJsonSchema: {
        properties: { port: { type: 'integer', enum: [80, 443] }, site: { type: 'string' } },
      },
    });
    const at = 'response_format.schema.properties';
    expect(answered.dropped).toEqual([`${at}.port.exclusiveMinimum`, `${at}.site.not`, `${at}.site.format`]);
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
