import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsEventSplitter } from '../../framing/aws-event-splitter.ts';
import { writeAwsEvent } from '../../framing/write-aws-event.ts';
import { claudeOnBedrock } from './claude-on-bedrock.ts';
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
const BYTES = Buffer.concat(
  EVENTS.map((event) => {
    const payload = { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abcdef' };
    return writeAwsEvent(
      { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
      Buffer.from(JSON.stringify(payload)),
    );
  }),
);

function frames(cuts: readonly number[]) {
  const splitter = new AwsEventSplitter();
  const places = [0, ...cuts.toSorted((a, b) => a - b), BYTES.length];
  const found = places.slice(1).flatMap((end, index) => splitter.push(BYTES.subarray(places[index], end)));
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
