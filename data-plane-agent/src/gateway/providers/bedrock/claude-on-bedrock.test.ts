import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsEventSplitter } from '../../framing/aws-event-splitter.ts';
import { writeAwsEvent } from '../../framing/write-aws-event.ts';
import { claudeOnBedrock } from './claude-on-bedrock.ts';
import { converseDialect } from './converse/converse-dialect.ts';
import { bedrockTarget } from './fixtures/bedrock-target.ts';
import { chatRequest, deepFreeze, say } from './fixtures/chat-request.ts';

const EVENTS = [
  {
    type: 'message_start',
    message: {
      id: 'msg_bdrk_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-x',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 4,
        cache_read_input_tokens: 10,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße 🐟' } },
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 6 },
  },
  {
    type: 'message_stop',
    'amazon-bedrock-invocationMetrics': { inputTokenCount: 4, outputTokenCount: 6, invocationLatency: 5 },
  },
];
const BYTES = framed(EVENTS);

function framed(events: readonly object[]): Buffer {
  return Buffer.concat(events.map(frameOf));
}

function frameOf(event: object): Buffer {
  const payload = { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdef' };
  return writeAwsEvent(
    { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
    Buffer.from(JSON.stringify(payload)),
  );
}

function frames(cuts: readonly number[], bytes = BYTES) {
  const splitter = new AwsEventSplitter();
  const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  const found = places.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(places[index], end)));
  return [...found, ...splitter.end()];
}

describe('a streamed answer', () => {
  it('is read whole, for every split of its bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(BYTES.length), { maxLength: 8 }), (cuts) => {
        const reader = claudeOnBedrock.eventReader();
        const events = [...frames(cuts).flatMap((frame) => reader.read(frame)), ...reader.end()];
        const types = events.map(({ type }) => type).filter((type) => type !== 'other');
        expect(types[0]).toBe('start');
        expect(types.at(-1)).toBe('end');
        expect(types.filter((type) => type === 'stop')).toHaveLength(1);
        expect(events.find((event) => event.type === 'text')).toMatchObject({ text: 'Grüße 🐟' });
        expect(events.findLast((event) => event.type === 'usage')).toMatchObject({
          usage: { counts: { input: 4, cache_read: 10, output: 6 } },
        });
      }),
    );
  });

  it("is metered as Anthropic's own where it is passed on", () => {
    const meter = claudeOnBedrock.passMeter(false);
    const sights = frames([]).flatMap((frame) => {
      const event = claudeOnBedrock.unwrap?.(frame);
      return event ? [meter.frame(event)] : [];
    });
    expect(sights.at(-1)).toBe('end');
    expect(sights).not.toContain('error');
    expect(meter.figures).toEqual({ input: 4, cache_read: 10, output: 6 });
  });
});

describe('an answer that a guardrail changed', () => {
  const acted = { 'amazon-bedrock-guardrailAction': 'INTERVENED' };
  const body = { type: 'message', content: [{ type: 'text', text: 'I may not say that.' }] };

  it.each<[object, string | undefined]>([
    [{ stop_reason: 'end_turn', ...acted }, 'content_filter'],
    [{ stop_reason: 'guardrail_intervened' }, 'content_filter'],
    [{ stop_reason: 'tool_use', ...acted }, 'tool_calls'],
    [{ stop_reason: 'end_turn', 'amazon-bedrock-guardrailAction': 'NONE' }, 'end'],
    [acted, undefined],
  ])('%j says so', (more, reason) => {
    const answer = claudeOnBedrock.readAnswer({ ...body, ...more });
    expect(answer.choices[0]?.stop?.reason).toBe(reason);
  });

  it.each([4, 5])('says so in the frame %i of a stream', (place) => {
    const events = EVENTS.map((event, index) => (index === place ? { ...event, ...acted } : event));
    const reader = claudeOnBedrock.eventReader();
    const read = frames([], framed(events)).flatMap((frame) => reader.read(frame));
    expect(read.filter(({ type }) => type === 'stop')).toMatchObject([
      { stop: { reason: 'content_filter' } },
    ]);
    expect(read.at(-1)).toEqual({ type: 'end' });
  });

  it('stops before an exception, and where a stream is cut', () => {
    const cut = framed(EVENTS.slice(0, -1));
    const reader = claudeOnBedrock.eventReader();
    const read = frames([], cut).flatMap((frame) => reader.read(frame));
    expect(read.map(({ type }) => type)).not.toContain('stop');
    const exception = { event: 'throttlingException', exception: true, data: Buffer.from('{"message":"x"}') };
    expect(reader.read(exception).map(({ type }) => type)).toEqual(['stop', 'error']);
    const again = claudeOnBedrock.eventReader();
    for (const frame of frames([], cut)) again.read(frame);
    expect(again.end().map(({ type }) => type)).toEqual(['stop']);
  });
});

it("writes Anthropic's body as Bedrock wants it", () => {
  const request = deepFreeze(
    chatRequest({ messages: [say('hi')], stream: true, sampling: { maxOutputTokens: 9 } }),
  );
  const { value } = claudeOnBedrock.writeRequest(request, bedrockTarget('claude'));
  expect(value).toMatchObject({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 9 });
  expect(value).not.toHaveProperty('model');
  expect(value).not.toHaveProperty('stream');
  expect(claudeOnBedrock.writeRequest(request, bedrockTarget('claude')).value).toEqual(value);
});

describe('promised arguments and answers', () => {
  const schema = { type: 'object', properties: {}, additionalProperties: false };
  const asked = {
    tools: [{ type: 'function', name: 'look', strict: true }],
    responseFormat: { type: 'json_schema', name: 'n', schema },
  } as const;
  const body = {
    messages: [],
    tools: [
      { name: 'look', input_schema: schema, strict: true },
      { name: 'see', strict: false },
    ],
    output_config: { effort: 'low', format: { type: 'json_schema', schema } },
  };
  const pass = (model: string) =>
    claudeOnBedrock.pass({ body, header: () => undefined, stream: false }, bedrockTarget('claude', model));

  it.each(['us.anthropic.claude-opus-4-8', 'global.anthropic.claude-sonnet-5', 'anthropic.claude-opus-5-5'])(
    'are not asked of %s, which Bedrock refuses for them',
    (model) => {
      const { value, dropped } = claudeOnBedrock.writeRequest(
        chatRequest(asked),
        bedrockTarget('claude', model),
      );
      expect(value.tools).toEqual([{ name: 'look', input_schema: { type: 'object', properties: {} } }]);
      expect(value).not.toHaveProperty('output_config');
      expect(dropped).toEqual(['response_format', 'tools[0].strict']);
      expect(pass(model)).toMatchObject({
        edits: {
          tools: [{ name: 'look', input_schema: schema }, { name: 'see' }],
          output_config: { effort: 'low' },
        },
        dropped: ['tools[0].strict', 'output_config.format'],
      });
    },
  );

  it.each(['eu.anthropic.claude-sonnet-4-6', 'arn:aws:bedrock:eu-west-1:1:application-inference-profile/a'])(
    'are asked of %s',
    (model) => {
      const { value, dropped } = claudeOnBedrock.writeRequest(
        chatRequest(asked),
        bedrockTarget('claude', model),
      );
      expect(value).toMatchObject({ tools: [{ strict: true }], output_config: { format: { schema } } });
      expect(dropped).toEqual([]);
      expect(pass(model).edits).not.toHaveProperty('tools');
    },
  );
});

it.each([
  ['us.anthropic.claude-sonnet-4-20250514-v1:0', { type: 'ephemeral' }, ['cache_control.ttl']],
  ['us.anthropic.claude-opus-4-5-20251101-v1:0', { type: 'ephemeral', ttl: '1h' }, []],
  ['us.anthropic.claude-sonnet-5', { type: 'ephemeral', ttl: '1h' }, []],
])('asks %s for caches of an hour where it has them', (model, control, dropped) => {
  const content = [{ type: 'text', text: 'hi', cache: { ttl: '1h' } }] as const;
  const request = chatRequest({ messages: [{ role: 'user', content }] });
  const written = claudeOnBedrock.writeRequest(request, bedrockTarget('claude', model));
  expect(written.value.messages).toMatchObject([{ content: [{ cache_control: control }] }]);
  expect(written.dropped).toEqual(dropped);
  const converse = converseDialect.writeRequest(request, bedrockTarget('claude', model));
  const point = { cachePoint: { type: 'default', ...(dropped.length === 0 && { ttl: '1h' }) } };
  expect(converse.value.messages).toMatchObject([{ content: [{ text: 'hi' }, point] }]);
});
