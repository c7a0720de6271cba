import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../../chat/chat-request.ts';
import { bedrockTarget } from '../fixtures/bedrock-target.ts';
import { chatRequest, deepFreeze, say } from '../fixtures/chat-request.ts';
import { converseDialect } from './converse-dialect.ts';
import { writeRequest } from './write-request.ts';

const PNG = { kind: 'base64', mediaType: 'image/png', data: 'iVBO' } as const;
const PDF = { kind: 'base64', mediaType: 'application/pdf', data: 'JVBE' } as const;
const text = (value: string) => ({ type: 'text', text: value }) as const;
const call = (id: string, name: string, args: string) =>
  ({ type: 'tool_call', id, name, arguments: args }) as const;
const assistant = (...content: Extract<ChatMessage, { role: 'assistant' }>['content']): ChatMessage => ({
  role: 'assistant',
  content,
});
const result = (toolCallId: string, ...words: string[]): ChatMessage => ({
  role: 'tool',
  toolCallId,
  content: words.map(text),
});

function write(more: Partial<ChatRequest>, family = 'unknown-family') {
  const request = deepFreeze(chatRequest(more));
  // A family, and the model where it matters: `claude/claude-opus-4-8`.
  const [name = '', ...model] = family.split('/');
  const first = writeRequest(request, name, model.join('/'));
  expect(writeRequest(request, name, model.join('/'))).toEqual(first);
  return { ...first.value, dropped: first.dropped } as Record<string, unknown> & {
    dropped: readonly string[];
  };
}

describe('the conversation', () => {
  it.each<[string, ChatMessage[], object]>([
    ['text', [say('hi')], { messages: [{ role: 'user', content: [{ text: 'hi' }] }], dropped: [] }],
    [
      'system blocks, each its own, with their cache points',
      [
        { role: 'system', content: [text('a'), { ...text('b'), cache: { ttl: '1h' } }] },
        { role: 'developer', content: [text('c')] },
        say('hi'),
      ],
      {
        system: [{ text: 'a' }, { text: 'b' }, { cachePoint: { type: 'default', ttl: '1h' } }, { text: 'c' }],
        dropped: [],
      },
    ],
    [
      'instructions in the midst of it',
      [say('hi'), { role: 'system', content: [text('late')] }],
      { system: [{ text: 'late' }], dropped: ['messages[1].position'] },
    ],
    [
      'images and documents',
      [
        {
          role: 'user',
          content: [
            text('see'),
            { type: 'image', source: PNG, cache: {} },
            { type: 'file', source: PDF, name: 'Q3 report (final).pdf' },
            { type: 'file', source: PDF, name: 'Q3 report (final).pdf' },
            { type: 'file', source: { kind: 'text', text: 'words' } },
          ],
        },
      ],
      {
        messages: [
          {
            role: 'user',
            content: [
              { text: 'see' },
              { image: { format: 'png', source: { bytes: 'iVBO' } } },
              { cachePoint: { type: 'default' } },
              { document: { format: 'pdf', name: 'Q3 report (final)-pdf', source: { bytes: 'JVBE' } } },
              { document: { format: 'pdf', name: 'Q3 report (final)-pdf (2)', source: { bytes: 'JVBE' } } },
              { document: { format: 'txt', name: 'document', source: { bytes: 'd29yZHM=' } } },
            ],
          },
        ],
        dropped: [],
      },
    ],
    [
      'a document with settings of Claude, a video, a sound, a file in S3',
      [
        {
          role: 'user',
          content: [
            {
              type: 'file',
              source: PDF,
              extra: {
                wire: 'anthropic-messages',
                fields: { citations: { enabled: true }, context: 'c', x: 1 },
              },
            },
            { type: 'file', source: { kind: 'base64', mediaType: 'video/mp4', data: 'AA' } },
            {
              type: 'file',
              source: { kind: 'base64', mediaType: 'application/octet-stream', data: 'AA' },
              name: 'a.CSV',
            },
            {
              type: 'file',
              source: { kind: 'base64', mediaType: 'text/x-python; charset=utf-8', data: 'AA' },
            },
            { type: 'file', source: { kind: 'base64', mediaType: 'application/zip', data: 'AA' } },
            { type: 'audio', source: { kind: 'base64', mediaType: 'audio/wav', data: 'AA' } },
            { type: 'image', source: { kind: 'url', url: 's3://b/k', mediaType: 'image/jpeg' } },
          ],
        },
      ],
      {
        messages: [
          {
            role: 'user',
            content: [
              { text: '.' },
              {
                document: {
                  format: 'pdf',
                  source: { bytes: 'JVBE' },
                  name: 'document',
                  context: 'c',
                  citations: { enabled: true },
                },
              },
              { video: { format: 'mp4', source: { bytes: 'AA' } } },
              { document: { format: 'csv', name: 'a-CSV', source: { bytes: 'AA' } } },
              { document: { format: 'txt', name: 'document (2)', source: { bytes: 'AA' } } },
              { audio: { format: 'wav', source: { bytes: 'AA' } } },
              { image: { format: 'jpeg', source: { s3Location: { uri: 's3://b/k' } } } },
            ],
          },
        ],
        dropped: ['messages[0].content[0].x', 'messages[0].content[4]'],
      },
    ],
    [
      'what Bedrock cannot take',
      [
        {
          role: 'user',
          name: 'bob',
          content: [
            text('x'),
            { type: 'image', source: { ...PNG, mediaType: 'image/bmp' } },
            { type: 'image', source: PNG, detail: 'high' },
            { type: 'file', source: { kind: 'uploaded', wire: 'openai-chat', id: 'f' } },
            { type: 'other', original: { wire: 'openai-chat', value: {} } },
          ],
        },
      ],
      {
        dropped: [
          'messages[0].name',
          'messages[0].content[1]',
          'messages[0].content[2].detail',
          'messages[0].content[3]',
          'messages[0].content[4]',
        ],
      },
    ],
    [
      'blank text',
      [{ role: 'user', content: [text(''), text('a'), text(' \n')] }, assistant(text('')), say('b'), say('')],
      {
        messages: [{ role: 'user', content: [{ text: 'a' }, { text: 'b' }] }],
        dropped: ['messages[0].content[2]', 'messages[3]'],
      },
    ],
    [
      'a run of tool results and the words after it as one turn',
      [
        say('hi'),
        assistant(text('ok'), call('c1', 'one', '{"a":1}'), call('c2', 'two', '')),
        result('c1', 'r1'),
        {
          role: 'tool',
          toolCallId: 'c2',
          isError: true,
          content: [text('bad'), { type: 'image', source: PNG }],
          cache: {},
        },
        say('go on'),
      ],
      {
        messages: [
          { role: 'user', content: [{ text: 'hi' }] },
          {
            role: 'assistant',
            content: [
              { text: 'ok' },
              { toolUse: { toolUseId: 'c1', name: 'one', input: { a: 1 } } },
              { toolUse: { toolUseId: 'c2', name: 'two', input: {} } },
            ],
          },
          {
            role: 'user',
            content: [
              { toolResult: { toolUseId: 'c1', content: [{ text: 'r1' }] } },
              {
                toolResult: {
                  toolUseId: 'c2',
                  content: [{ text: 'bad' }, { image: { format: 'png', source: { bytes: 'iVBO' } } }],
                  status: 'error',
                },
              },
              { cachePoint: { type: 'default' } },
              { text: 'go on' },
            ],
          },
        ],
        toolConfig: {
          tools: ['one', 'two'].map((name) => ({
            toolSpec: { name, inputSchema: { json: { type: 'object', properties: {} } } },
          })),
        },
        dropped: [],
      },
    ],
    [
      'reasoning with its proofs, in its order',
      [
        say('hi'),
        assistant(
          { type: 'reasoning', text: 'hm', signature: { value: 'sig' } },
          { type: 'reasoning', text: '', encrypted: { value: 'b3BhcXVl' } },
          call('c1', 'one', '{}'),
        ),
        result('c1'),
      ],
      {
        messages: [
          { role: 'user', content: [{ text: 'hi' }] },
          {
            role: 'assistant',
            content: [
              { reasoningContent: { reasoningText: { text: 'hm', signature: 'sig' } } },
              { reasoningContent: { redactedContent: 'b3BhcXVl' } },
              { toolUse: { toolUseId: 'c1', name: 'one', input: {} } },
            ],
          },
          { role: 'user', content: [{ toolResult: { toolUseId: 'c1', content: [] } }] },
        ],
        dropped: [],
      },
    ],
    [
      'arguments that are no object, a refusal, a citation of its own',
      [
        say('hi'),
        assistant(
          call('c1', 'one', '{"a":'),
          { type: 'refusal', text: 'no' },
          {
            ...text('said'),
            citations: [{ original: { wire: 'bedrock-converse', value: { title: 't' } } }],
          },
        ),
        result('c1', 'r'),
      ],
      {
        messages: [
          { role: 'user', content: [{ text: 'hi' }] },
          {
            role: 'assistant',
            content: [
              { toolUse: { toolUseId: 'c1', name: 'one', input: { arguments: '{"a":' } } },
              { text: 'no' },
              { citationsContent: { content: [{ text: 'said' }], citations: [{ title: 't' }] } },
            ],
          },
          { role: 'user', content: [{ toolResult: { toolUseId: 'c1', content: [{ text: 'r' }] } }] },
        ],
        dropped: ['messages[1].content[0].arguments', 'messages[1].content[1].refusal'],
      },
    ],
  ])('writes %s', (_name, messages, expected) => {
    expect(write({ messages })).toMatchObject(expected);
  });

  it('writes names and ids that Bedrock refuses in a way that call, result and definition still meet', () => {
    const id = `call|${'x'.repeat(80)}`;
    const written = write({
      messages: [say('hi'), assistant(call(id, 'get.weather', '{}')), result(id, 'r')],
      tools: [{ type: 'function', name: 'get.weather' }],
      toolChoice: { type: 'function', name: 'get.weather' },
    });
    const [, answer, results] = written.messages as { content: Record<string, Record<string, unknown>>[] }[];
    const used = answer?.content[0]?.toolUse;
    expect(used?.name).toMatch(/^get_weather_[0-9a-f]{8}$/);
    expect(used?.toolUseId).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(results?.content[0]?.toolResult?.toolUseId).toBe(used?.toolUseId);
    expect(written.toolConfig).toMatchObject({
      tools: [{ toolSpec: { name: used?.name } }],
      toolChoice: { tool: { name: used?.name } },
    });
    expect(written.dropped).toEqual([]);
  });
});

describe('tools', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const tool = { type: 'function', name: 'one', description: 'd', parameters: schema } as const;
  const spec = { toolSpec: { name: 'one', description: 'd', inputSchema: { json: schema } } };
  const history = [say('hi'), assistant(call('c', 'one', '{}')), result('c', 'r')];

  it.each<[string, string, Partial<ChatRequest>, unknown, string[]]>([
    ['a definition', 'claude', { tools: [tool] }, { tools: [spec] }, []],
    [
      'a definition without parameters',
      'claude',
      { tools: [{ type: 'function', name: 'one', description: '' }] },
      { tools: [{ toolSpec: { name: 'one', inputSchema: { json: { type: 'object', properties: {} } } } }] },
      [],
    ],
    [
      'a cache hint',
      'claude',
      { tools: [{ ...tool, cache: { ttl: '5m' } }] },
      { tools: [spec, { cachePoint: { type: 'default' } }] },
      [],
    ],
    [
      'a cache hint for Nova',
      'nova',
      { tools: [{ ...tool, cache: {} }] },
      { tools: [spec] },
      ['tools[0].cache_control'],
    ],
    [
      'a strict definition',
      'claude',
      { tools: [{ ...tool, strict: true }] },
      {
        tools: [
          {
            toolSpec: {
              name: 'one',
              description: 'd',
              inputSchema: { json: { ...schema, additionalProperties: false } },
              strict: true,
            },
          },
        ],
      },
      [],
    ],
    [
      'a strict definition for Llama',
      'llama',
      { tools: [{ ...tool, strict: true }] },
      { tools: [spec] },
      ['tools[0].strict'],
    ],
    [
      'a tool that takes free text, and one in a group',
      'claude',
      {
        tools: [
          { type: 'custom', name: 'patch', description: 'p', format: { type: 'grammar' } },
          { type: 'function', name: 'list', namespace: 'files', parameters: schema },
          { type: 'other', original: { wire: 'openai-responses', value: { type: 'web_search' } } },
        ],
        toolChoice: { type: 'function', name: 'list' },
      },
      {
        tools: [
          {
            toolSpec: {
              name: 'patch',
              description: 'p',
              inputSchema: {
                json: {
                  type: 'object',
                  properties: { input: { type: 'string' } },
                  required: ['input'],
                  additionalProperties: false,
                },
              },
            },
          },
          { toolSpec: { name: 'files__list', inputSchema: { json: schema } } },
        ],
        toolChoice: { tool: { name: 'files__list' } },
      },
      ['tools[0].format', 'tools[2]'],
    ],
    [
      'auto',
      'nova',
      { tools: [tool], toolChoice: { type: 'auto' } },
      { tools: [spec], toolChoice: { auto: {} } },
      [],
    ],
    [
      'required',
      'nova',
      { tools: [tool], toolChoice: { type: 'required' } },
      { tools: [spec], toolChoice: { any: {} } },
      [],
    ],
    [
      'required for Llama',
      'llama',
      { tools: [tool], toolChoice: { type: 'required' } },
      { tools: [spec] },
      ['tool_choice'],
    ],
    [
      'one tool for Mistral, of one',
      'mistral',
      { tools: [tool], toolChoice: { type: 'function', name: 'one' } },
      { tools: [spec], toolChoice: { any: {} } },
      [],
    ],
    [
      'one tool for Qwen, of two',
      'qwen',
      {
        tools: [tool, { type: 'function', name: 'two', parameters: schema }],
        toolChoice: { type: 'function', name: 'one' },
      },
      { tools: [spec, { toolSpec: { name: 'two', inputSchema: { json: schema } } }] },
      ['tool_choice'],
    ],
    ['none', 'claude', { tools: [tool], toolChoice: { type: 'none' } }, undefined, []],
    [
      'none after calls',
      'claude',
      { messages: history, tools: [tool], toolChoice: { type: 'none' } },
      { tools: [spec] },
      ['tool_choice'],
    ],
    [
      'one call at a time, of any tool',
      'claude/us.anthropic.claude-opus-4-6-v1',
      { tools: [tool], parallelToolCalls: false },
      { tools: [spec] },
      [],
    ],
    [
      'a forced tool where that is refused',
      'claude/us.anthropic.claude-opus-5-5',
      { tools: [tool], toolChoice: { type: 'required' } },
      { tools: [spec] },
      ['tool_choice'],
    ],
    [
      'parallel calls',
      'claude',
      { tools: [tool], parallelToolCalls: false },
      { tools: [spec] },
      ['parallel_tool_calls'],
    ],
  ])('writes %s (%s)', (_name, family, request, toolConfig, dropped) => {
    const written = write(request, family);
    expect(written.toolConfig).toEqual(toolConfig);
    expect(written.dropped).toEqual(dropped);
  });
});

it.each<[NonNullable<ChatRequest['toolChoice']> | undefined, object]>([
  [undefined, { type: 'auto' }],
  [{ type: 'auto' }, { type: 'auto' }],
  [{ type: 'required' }, { type: 'any' }],
  [
    { type: 'function', name: 'look' },
    { type: 'tool', name: 'look' },
  ],
])('one call at a time is said in words of Claude: %j', (toolChoice, choice) => {
  const asked = {
    tools: [{ type: 'function', name: 'look' }],
    toolChoice,
    parallelToolCalls: false,
  } as const;
  const written = write(asked, 'claude/anthropic.claude-sonnet-4-5-20250929-v1:0');
  expect(written.toolConfig).not.toHaveProperty('toolChoice');
  expect(written.additionalModelRequestFields).toEqual({
    tool_choice: { ...choice, disable_parallel_tool_use: true },
  });
  expect(written.dropped).toEqual([]);
});

describe('results of tools', () => {
  const conversation = (...after: ChatMessage[]): ChatMessage[] => [
    say('hi'),
    assistant(text('I look.'), call('call_1', 'look', '')),
    result('call_1', 'seen'),
    ...after,
  ];
  const pdf: ChatMessage = { role: 'user', content: [{ type: 'file', source: PDF, name: 'a' }] };
  /** Roles, and the kinds of their blocks. */
  const shape = (messages: ChatMessage[], family: string) => {
    const written = write({ messages }, family);
    const turns = written.messages as { role: string; content: object[] }[];
    return [turns.map(({ role, content }) => [role, ...content.flatMap(Object.keys)]), written.dropped];
  };

  it.each<[string, ChatMessage[], unknown[], string[]]>([
    ['nova', [pdf], [['user', 'toolResult', 'text', 'document']], []],
    ['claude', [say('so')], [['user', 'toolResult', 'text']], []],
    [
      'claude',
      [pdf],
      [
        ['user', 'toolResult'],
        ['assistant', 'text'],
        ['user', 'text', 'document'],
      ],
      ['messages[3].turn'],
    ],
    [
      'llama',
      [say('so')],
      [
        ['user', 'toolResult'],
        ['assistant', 'text'],
        ['user', 'text'],
      ],
      ['messages[1].content[0]', 'messages[3].turn'],
    ],
    ['mistral', [], [['user', 'toolResult']], ['messages[1].content[0]']],
    [
      'writer',
      [say('so')],
      [
        ['user', 'toolResult'],
        ['assistant', 'text'],
        ['user', 'text'],
      ],
      ['messages[1].content[0]', 'messages[3].turn'],
    ],
  ])('%s', (family, after, turns, dropped) => {
    const calls = dropped.includes('messages[1].content[0]') ? ['toolUse'] : ['text', 'toolUse'];
    expect(shape(conversation(...after), family)).toEqual([
      [['user', 'text'], ['assistant', ...calls], ...turns],
      dropped,
    ]);
  });

  const media: ChatMessage[] = [
    say('hi'),
    assistant(call('c1', 'look', ''), call('c2', 'look', '')),
    {
      role: 'tool',
      toolCallId: 'c1',
      content: [
        text('seen'),
        { type: 'image', source: PNG },
        { type: 'file', source: PDF },
        { type: 'file', source: { kind: 'text', text: 'words' } },
      ],
    },
    result('c2', 'none'),
  ];
  const followed = (...blocks: string[]) => ['user', ...blocks.flatMap((block) => ['text', block])];

  it.each<[string, string[], string[][], string[]]>([
    ['claude', ['text', 'image', 'document', 'document'], [['user', 'toolResult', 'toolResult']], []],
    [
      'nova',
      ['text', 'image', 'document'],
      [['user', 'toolResult', 'toolResult', ...followed('document').slice(1)]],
      [],
    ],
    [
      'qwen',
      ['text'],
      [['user', 'toolResult', 'toolResult', ...followed('image', 'document', 'document').slice(1)]],
      [],
    ],
    [
      'mistral',
      ['text', 'document', 'document'],
      [['user', 'toolResult', 'toolResult'], ['assistant', 'text'], followed('image')],
      ['messages[4].turn'],
    ],
    ['other', ['text', 'image', 'document', 'document'], [['user', 'toolResult', 'toolResult']], []],
  ])('hold the media that %s takes there, and the rest follows them', (family, held, turns, dropped) => {
    const written = write({ messages: media }, family);
    const [, , results] = written.messages as { content: { toolResult: { content: object[] } }[] }[];
    expect(results?.content[0]?.toolResult.content.flatMap(Object.keys)).toEqual(held);
    expect(shape(media, family)).toEqual([
      [['user', 'text'], ['assistant', 'toolUse', 'toolUse'], ...turns],
      dropped,
    ]);
  });

  it('say something where all of it follows', () => {
    const seen: ChatMessage = { role: 'tool', toolCallId: 'c', content: [{ type: 'image', source: PNG }] };
    const written = write({ messages: [say('hi'), assistant(call('c', 'look', '')), seen] }, 'kimi');
    expect(written.messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant' },
      { content: [{ toolResult: { content: [{ text: '.' }] } }, { text: 'Output of tool call c:' }, {}] },
    ]);
  });

  it("say whose media follow, before the user's next words", () => {
    const written = write({ messages: [...media, say('so')] }, 'qwen');
    const [, , results] = written.messages as { content: object[] }[];
    expect(results?.content.slice(2, 4)).toEqual([
      { text: 'Output of tool call c1:' },
      { image: { format: 'png', source: { bytes: 'iVBO' } } },
    ]);
    expect(results?.content.at(-1)).toEqual({ text: 'so' });
  });

  it.each([
    ['llama', { status: 'error' }, []],
    ['writer', {}, ['messages[2].is_error']],
  ])('say to %s that the tool failed', (family, status, dropped) => {
    const failed: ChatMessage = { role: 'tool', toolCallId: 'c', content: [text('no')], isError: true };
    const written = write({ messages: [say('hi'), assistant(call('c', 'look', '')), failed] }, family);
    const [, , results] = written.messages as { content: object[] }[];
    expect(results?.content).toEqual([
      { toolResult: { toolUseId: 'c', content: [{ text: 'no' }], ...status } },
    ]);
    expect(written.dropped).toEqual(dropped);
  });

  it("meet Kimi's calls by its own ids", () => {
    const id = 'functions.look:0';
    const messages = [say('hi'), assistant(call(id, 'look', '')), result(id, 'a')];
    expect(JSON.stringify(write({ messages }, 'kimi').messages).split(`"toolUseId":"${id}"`)).toHaveLength(3);
    expect(JSON.stringify(write({ messages }, 'claude').messages)).not.toContain(id);
  });

  it('meet their calls by ids that Mistral takes', () => {
    const messages: ChatMessage[] = [
      say('hi'),
      assistant(call('tooluse_abc', 'look', ''), call('abcDEF123', 'look', '')),
      result('tooluse_abc', 'a'),
      result('abcDEF123', 'b'),
    ];
    const written = JSON.stringify(write({ messages }, 'mistral').messages);
    const ids = [...written.matchAll(/"toolUseId":"([^"]*)"/g)].map(([, id]) => id);
    expect(ids[0]).toMatch(/^[a-zA-Z0-9]{9}$/);
    expect(ids).toEqual([ids[0], 'abcDEF123', ids[0], 'abcDEF123']);
  });
});

it('hands back what was cited in the words of Anthropic', () => {
  const value = {
    type: 'page_location',
    cited_text: 'q',
    document_index: 0,
    document_title: 't',
    start_page_number: 1,
    end_page_number: 2,
  };
  const foreign = { original: { wire: 'openai-chat', value: { type: 'url_citation' } } } as const;
  const citations = [{ original: { wire: 'anthropic-messages', value } } as const, foreign];
  const written = write({ messages: [say('hi'), assistant({ ...text('said'), citations })] }, 'claude');
  expect(written.messages).toMatchObject([
    {},
    {
      content: [
        {
          citationsContent: {
            content: [{ text: 'said' }],
            citations: [
              {
                title: 't',
                sourceContent: [{ text: 'q' }],
                location: { documentPage: { documentIndex: 0, start: 1, end: 2 } },
              },
            ],
          },
        },
      ],
    },
  ]);
  expect(written.dropped).toEqual(['messages[1].content[0].citations']);
});

describe('a conversation without a beginning', () => {
  const opening = { role: 'user', content: [{ text: '.' }] };
  const spoken = { role: 'assistant', content: [{ text: 'hello' }] };
  const instructions: ChatMessage = { role: 'system', content: [text('be brief')] };

  it.each<[string, ChatMessage[], object[], string[]]>([
    ['nova', [instructions, assistant(text('hello'))], [opening, spoken], ['messages[1].turn']],
    ['claude', [assistant(text('hello'))], [spoken], []],
    ['qwen', [assistant(text('hello'))], [spoken], []],
    ['claude', [instructions], [opening], ['messages[1].turn']],
    ['nova', [], [opening], ['messages[0].turn']],
  ])('gets one where %s wants it', (family, messages, turns, dropped) => {
    const written = write({ messages }, family);
    expect(written.messages).toEqual(turns);
    expect(written.dropped).toEqual(dropped);
  });
});

describe('a cache hint', () => {
  const MD = { kind: 'base64', mediaType: 'text/markdown', data: 'AA' } as const;
  const point = { cachePoint: { type: 'default' } };
  /** The kinds of the blocks of the first turn of a role. */
  const kinds = (messages: ChatMessage[], role: string) => {
    const written = write({ messages }, 'claude');
    const turns = written.messages as { role: string; content: object[] }[];
    return [turns.find((turn) => turn.role === role)?.content.flatMap(Object.keys), written.dropped];
  };

  it.each<[string, ChatMessage, string[], string[]]>([
    [
      'behind a PDF',
      { role: 'user', content: [text('see'), { type: 'file', source: PDF, cache: {} }] },
      ['text', 'document', 'cachePoint'],
      [],
    ],
    [
      'behind another document',
      {
        role: 'user',
        content: [text('see'), { type: 'file', source: MD }, { type: 'file', source: MD, cache: {} }],
      },
      ['text', 'cachePoint', 'document', 'document'],
      ['messages[0].content[2].cache_control.position'],
    ],
    [
      'behind a document that nothing stands before',
      { role: 'user', content: [{ type: 'file', source: MD, cache: {} }, text('see')] },
      ['document', 'text'],
      ['messages[0].content[0].cache_control'],
    ],
    [
      'of empty words behind another hint',
      {
        role: 'user',
        content: [
          { ...text('a'), cache: {} },
          { ...text(''), cache: {} },
        ],
      },
      ['text', 'cachePoint'],
      ['messages[0].content[1].cache_control'],
    ],
    [
      'of empty words behind reasoning',
      assistant({ type: 'reasoning', text: 'hm', signature: { value: 's' } }, { ...text(''), cache: {} }),
      ['reasoningContent'],
      ['messages[0].content[1].cache_control'],
    ],
  ])('%s stands where Bedrock takes it', (_name, message, blocks, dropped) => {
    expect(kinds([message], message.role)).toEqual([blocks, dropped]);
  });

  it('of instructions is not said twice', () => {
    const content = [
      { ...text('a'), cache: {} },
      { ...text(''), cache: {} },
    ];
    const written = write({ messages: [{ role: 'system', content }, say('hi')] }, 'claude');
    expect(written.system).toEqual([{ text: 'a' }, point]);
    expect(written.dropped).toEqual(['messages[0].content[1].cache_control']);
  });

  it.each(['kimi', 'glm', 'minimax', 'gemma', 'nemotron', 'writer', 'deepseek'])(
    'is kept from %s, which is refused for it',
    (family) => {
      const content = [{ ...text('a'), cache: {} }];
      expect(write({ messages: [{ role: 'user', content }] }, family).dropped).toEqual([
        'messages[0].content[0].cache_control',
      ]);
    },
  );
});

it.each([
  ['mistral/mistral.ministral-3-8b-instruct', []],
  ['mistral/us.mistral.pixtral-large-2502-v1:0', ['response_format']],
  ['mistral/arn:aws:bedrock:us-east-1:1:application-inference-profile/a', []],
  ['gemma/google.gemma-3-4b-it', ['response_format']],
  ['nemotron/nvidia.nemotron-nano-9b-v2', []],
  ['deepseek/deepseek.r1-v1:0', ['response_format']],
  ['kimi/moonshot.kimi-k2-thinking', []],
  ['claude/us.anthropic.claude-sonnet-5', ['response_format']],
])('asks %s for promised answers where they are known', (model, dropped) => {
  const schema = { type: 'object', properties: {} };
  const written = write({ responseFormat: { type: 'json_schema', name: 'n', schema } }, model);
  expect(written.outputConfig !== undefined).toBe(dropped.length === 0);
  expect(written.dropped).toEqual(dropped);
});

it.each([
  ['Llama', 'us.meta.llama4-scout-17b-instruct-v1:0', [{ type: 'function', name: 'look' }] as const, true],
  ['llama', 'us.meta.llama4-scout-17b-instruct-v1:0', [], false],
  ['mistral', 'mistral.mistral-large-2402-v1:0', [{ type: 'function', name: 'look' }] as const, true],
  ['mistral', 'mistral.mistral-large-3-675b-instruct', [{ type: 'function', name: 'look' }] as const, false],
  ['nova', 'us.amazon.nova-pro-v1:0', [{ type: 'function', name: 'look' }] as const, false],
])('asks %s, %s, in one piece where it streams no calls', (family, model, tools, inOnePiece) => {
  const target = bedrockTarget(family, model);
  const path = (stream: boolean) =>
    converseDialect.writeRequest(chatRequest({ tools: [...tools], stream }), target).path;
  expect(path(true)).toBe(inOnePiece ? `/model/${encodeURIComponent(model)}/converse` : undefined);
  expect(path(false)).toBeUndefined();
});

it('hands on what a client of Claude searched itself', () => {
  const found = { type: 'search_result', source: 'https://a.test', title: 'A', content: [text('b')] };
  const other = (value: object) =>
    ({ type: 'other', original: { wire: 'anthropic-messages', value } }) as const;
  const content = [other({ ...found, citations: { enabled: true } }), other({ ...found, title: 5 })];
  expect(write({ messages: [{ role: 'user', content }] })).toMatchObject({
    messages: [
      {
        role: 'user',
        content: [
          {
            searchResult: {
              source: 'https://a.test',
              title: 'A',
              content: [{ text: 'b' }],
              citations: { enabled: true },
            },
          },
        ],
      },
    ],
    dropped: ['messages[0].content[1]'],
  });
});

it('asks for the sequence in the place where a stream has it', () => {
  const asked = { sampling: { stopSequences: ['END'] }, stream: true };
  expect(write(asked, 'claude').additionalModelResponseFieldPaths).toEqual(['/delta/stop_sequence']);
});

describe('the rest', () => {
  it.each<[string, string, Partial<ChatRequest>, object, string[]]>([
    [
      'sampling',
      'claude',
      {
        sampling: {
          temperature: 0.5,
          topP: 0.9,
          topK: 5,
          maxOutputTokens: 100,
          stopSequences: ['END'],
          choices: 2,
        },
      },
      {
        inferenceConfig: { maxTokens: 100, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
        additionalModelRequestFields: { top_k: 5 },
        additionalModelResponseFieldPaths: ['/stop_sequence'],
      },
      [],
    ],
    [
      'a temperature that Converse does not have',
      'qwen',
      { sampling: { temperature: 1.5 } },
      { inferenceConfig: { temperature: 1 } },
      ['temperature'],
    ],
    ['blank sequences for Claude', 'claude', { sampling: { stopSequences: ['\n\n'] } }, {}, ['stop']],
    [
      'top_k for Nova',
      'nova',
      { sampling: { topK: 5 } },
      { additionalModelRequestFields: { inferenceConfig: { topK: 5 } } },
      [],
    ],
    ['top_k for Mistral', 'mistral', { sampling: { topK: 5 } }, {}, ['top_k']],
    [
      'penalties for Cohere',
      'cohere',
      { sampling: { topK: 5, seed: 1, frequencyPenalty: 0.1, presencePenalty: 0.2 } },
      { additionalModelRequestFields: { k: 5, seed: 1, frequency_penalty: 0.1, presence_penalty: 0.2 } },
      [],
    ],
    [
      'what Converse has no words for',
      'claude',
      {
        sampling: {
          seed: 1,
          frequencyPenalty: 1,
          presencePenalty: 1,
          logitBias: {},
          logprobs: true,
          topLogprobs: 2,
        },
        endUser: 'u',
        verbosity: 'low',
        cacheKey: 'k',
        outputModalities: ['text', 'audio'],
        serviceTier: 'scale',
        responseFormat: { type: 'json' },
        extra: { wire: 'openai-chat', fields: { store: true } },
      },
      {},
      [
        'store',
        'seed',
        'frequency_penalty',
        'presence_penalty',
        'response_format',
        'service_tier',
        'logit_bias',
        'logprobs',
        'top_logprobs',
        'user',
        'verbosity',
        'prompt_cache_key',
        'modalities',
      ],
    ],
    [
      "thinking with a budget, Claude's way",
      'claude',
      { reasoning: { mode: 'enabled', budgetTokens: 2000 } },
      { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2000 } } },
      [],
    ],
    [
      'effort for Claude',
      'claude/us.anthropic.claude-opus-4-8',
      { reasoning: { effort: 'high', summary: 'auto' } },
      {
        additionalModelRequestFields: { thinking: { type: 'adaptive', display: 'summarized' } },
        outputConfig: { effort: 'high' },
      },
      [],
    ],
    [
      'no thinking for Claude',
      'claude',
      { reasoning: { effort: 'none' } },
      { additionalModelRequestFields: { thinking: { type: 'disabled' } } },
      [],
    ],
    [
      'an effort that Claude does not know',
      'claude/us.anthropic.claude-opus-4-8',
      { reasoning: { effort: 'minimal' } },
      { additionalModelRequestFields: { thinking: { type: 'adaptive' } }, outputConfig: { effort: 'low' } },
      ['reasoning_effort'],
    ],
    [
      'effort for a Claude that takes budgets',
      'claude/anthropic.claude-sonnet-4-5-20250929-v1:0',
      { reasoning: { effort: 'medium' }, sampling: { topK: 5, temperature: 0.1 } },
      { additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 8192 } } },
      ['temperature', 'top_k'],
    ],
    [
      'a budget for a Claude that takes none',
      'claude/us.anthropic.claude-opus-4-7',
      { reasoning: { budgetTokens: 4096 } },
      { additionalModelRequestFields: { thinking: { type: 'adaptive' } } },
      ['reasoning.budget_tokens'],
    ],
    [
      'effort for a Claude that does not think',
      'claude/anthropic.claude-3-haiku-20240307-v1:0',
      { reasoning: { effort: 'high' } },
      {},
      ['reasoning_effort'],
    ],
    [
      'a limit and a budget within it',
      'claude/anthropic.claude-haiku-4-5-20251001-v1:0',
      { reasoning: { effort: 'high' }, sampling: { maxOutputTokens: 3000 } },
      {
        inferenceConfig: { maxTokens: 3000 },
        additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 2999 } },
      },
      ['reasoning_effort'],
    ],
    [
      'sampling for a Claude that takes one of two',
      'claude/anthropic.claude-haiku-4-5-20251001-v1:0',
      { sampling: { temperature: 0.1, topP: 0.5 } },
      { inferenceConfig: { temperature: 0.1 } },
      ['top_p'],
    ],
    [
      'sampling for a Claude that takes none, which Converse does not name',
      'claude/us.anthropic.claude-opus-5',
      { sampling: { temperature: 0.1, topK: 5 } },
      { additionalModelRequestFields: { top_k: 5 } },
      ['temperature'],
    ],
    [
      'a schema for a Claude that promises none',
      'claude/anthropic.claude-3-5-sonnet-20241022-v2:0',
      { responseFormat: { type: 'json_schema', name: 'n', schema: { type: 'object' } } },
      {},
      ['response_format'],
    ],
    [
      "sampling for OpenAI's models",
      'gpt/us.openai.gpt-5.6',
      { sampling: { maxOutputTokens: 9, temperature: 0.5, topP: 0.5, stopSequences: ['END'] } },
      { inferenceConfig: { maxTokens: 9 } },
      ['temperature', 'top_p', 'stop'],
    ],
    [
      'sampling for gpt-oss',
      'gpt-oss/openai.gpt-oss-120b-1:0',
      { sampling: { temperature: 0.5, stopSequences: ['END'] } },
      { inferenceConfig: { temperature: 0.5, stopSequences: ['END'] } },
      [],
    ],
    [
      'high effort for Nova',
      'nova/us.amazon.nova-2-lite-v1:0',
      { reasoning: { effort: 'high' }, sampling: { maxOutputTokens: 9, temperature: 0.5, topP: 0.5 } },
      { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' } } },
      ['max_tokens', 'temperature', 'top_p'],
    ],
    [
      'effort for the first Nova',
      'nova/us.amazon.nova-micro-v1:0',
      { reasoning: { effort: 'low' } },
      {},
      ['reasoning_effort'],
    ],
    [
      'effort for Qwen',
      'qwen/qwen.qwen3-32b-v1:0',
      { reasoning: { effort: 'high' } },
      { additionalModelRequestFields: { reasoning_config: 'high' } },
      [],
    ],
    [
      'a schema that need not be kept to',
      'claude',
      { responseFormat: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: false } },
      {
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: {
              jsonSchema: { schema: '{"type":"object","additionalProperties":false}', name: 'n' },
            },
          },
        },
      },
      ['response_format.json_schema.strict'],
    ],
    [
      'effort for Nova',
      'nova',
      { reasoning: { effort: 'low', budgetTokens: 9 } },
      { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } } },
      ['reasoning.budget_tokens'],
    ],
    [
      'effort for gpt-oss',
      'gpt-oss',
      { reasoning: { effort: 'low' } },
      { additionalModelRequestFields: { reasoning_effort: 'low' } },
      [],
    ],
    [
      'no reasoning for GPT',
      'gpt',
      { reasoning: { mode: 'disabled' } },
      { additionalModelRequestFields: { reasoning: { effort: 'none' } } },
      [],
    ],
    [
      'effort and summary for GPT',
      'gpt/us.openai.gpt-5.6-sol',
      { reasoning: { effort: 'xhigh', summary: 'detailed' } },
      { additionalModelRequestFields: { reasoning: { effort: 'xhigh', summary: 'detailed' } } },
      [],
    ],
    [
      'an effort that GPT does not know here',
      'gpt/us.openai.gpt-5.6-sol',
      { reasoning: { effort: 'minimal', summary: 'none' } },
      { additionalModelRequestFields: { reasoning: { effort: 'low' } } },
      ['reasoning_effort'],
    ],
    [
      'an effort that gpt-oss does not know',
      'gpt-oss',
      { reasoning: { effort: 'xhigh' } },
      {},
      ['reasoning_effort'],
    ],
    ['effort for Llama', 'llama', { reasoning: { effort: 'low' } }, {}, ['reasoning_effort']],
    [
      'a schema for the answer',
      'claude',
      {
        responseFormat: {
          type: 'json_schema',
          name: 'n',
          description: 'd',
          schema: {
            type: 'object',
            properties: { minimum: { type: 'number', minimum: 1, enum: [{ minimum: 2 }] } },
          },
        },
      },
      {
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: {
              jsonSchema: {
                schema: JSON.stringify({
                  type: 'object',
                  properties: { minimum: { type: 'number', enum: [{ minimum: 2 }] } },
                  additionalProperties: false,
                }),
                name: 'n',
                description: 'd',
              },
            },
          },
        },
      },
      ['response_format.json_schema.schema.properties.minimum.minimum'],
    ],
    [
      "a choice of schemas, in Claude's words",
      'claude',
      {
        responseFormat: {
          type: 'json_schema',
          name: 'n',
          schema: { oneOf: [{ type: 'string' }, { type: 'null' }] },
        },
      },
      {
        outputConfig: {
          textFormat: {
            type: 'json_schema',
            structure: {
              jsonSchema: {
                schema: JSON.stringify({ anyOf: [{ type: 'string' }, { type: 'null' }] }),
                name: 'n',
              },
            },
          },
        },
      },
      ['response_format.json_schema.schema.oneOf'],
    ],
    [
      'a schema that leads back to itself',
      'claude',
      {
        responseFormat: { type: 'json_schema', name: 'n', schema: { properties: { a: { $ref: '#' } } } },
      },
      {},
      ['response_format'],
    ],
    [
      'a schema for Nova',
      'nova',
      { responseFormat: { type: 'json_schema', name: 'n', schema: {} } },
      {},
      ['response_format'],
    ],
    ['service tier', 'claude', { serviceTier: 'flex' }, { serviceTier: { type: 'flex' } }, []],
    ['automatic service tier', 'claude', { serviceTier: 'auto' }, {}, []],
    [
      'metadata',
      'claude',
      { metadata: { team: 'a b', number: 3, odd: '{}' } },
      { requestMetadata: { team: 'a b' } },
      ['metadata.number', 'metadata.odd'],
    ],
    [
      'its own members',
      'claude',
      {
        sampling: { topK: 1 },
        extra: {
          wire: 'bedrock-converse',
          fields: { guardrailConfig: { guardrailIdentifier: 'g' }, additionalModelRequestFields: { x: 1 } },
        },
      },
      { guardrailConfig: { guardrailIdentifier: 'g' }, additionalModelRequestFields: { top_k: 1, x: 1 } },
      [],
    ],
  ])('writes %s (%s)', (_name, family, request, expected, dropped) => {
    const { messages: _messages, dropped: noted, ...written } = write(request, family);
    expect(written).toEqual(expected);
    expect(noted).toEqual(dropped);
  });

  it('keeps cache hints from families that refuse them, and notes each', () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: [{ ...text('s'), cache: {} }] },
      { role: 'user', content: [{ ...text('u'), cache: { ttl: '1h' } }] },
    ];
    expect(write({ messages }, 'llama')).toMatchObject({
      system: [{ text: 's' }],
      messages: [{ role: 'user', content: [{ text: 'u' }] }],
      dropped: ['messages[0].content[0].cache_control', 'messages[1].content[0].cache_control'],
    });
    expect(write({ messages }, 'nova')).toMatchObject({
      messages: [{ role: 'user', content: [{ text: 'u' }, { cachePoint: { type: 'default' } }] }],
      dropped: ['messages[1].content[0].cache_control.ttl'],
    });
  });

  it('keeps reasoning from families that refuse it', () => {
    const messages = [say('hi'), assistant({ type: 'reasoning', text: 'hm' }, text('a'))];
    expect(write({ messages }, 'claude').dropped).toEqual(['messages[1].content[0]']);
    expect(write({ messages }, 'deepseek').dropped).toEqual(['messages[1].content[0]']);
    expect(write({ messages }, 'nova').dropped).toEqual([]);
  });
});
