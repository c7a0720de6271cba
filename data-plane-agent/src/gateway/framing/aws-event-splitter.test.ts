import { crc32 } from 'node:zlib';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AwsEventSplitter } from './aws-event-splitter.ts';
import { FramingError, type StreamFrame } from './stream-frame.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);
type Headers = Parameters<EventStreamCodec['encode']>[0]['headers'];

function encode(headers: Headers, body: string | Uint8Array): Buffer {
  return Buffer.from(codec.encode({ headers, body: typeof body === 'string' ? Buffer.from(body) : body }));
}

function event(type: string, body = '{}'): Buffer {
  return encode(
    {
      ':event-type': { type: 'string', value: type },
      ':content-type': { type: 'string', value: 'application/json' },
      ':message-type': { type: 'string', value: 'event' },
    },
    body,
  );
}

function split(chunks: readonly Buffer[]): StreamFrame[] {
  const splitter = new AwsEventSplitter();
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.end()];
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const header = fc.oneof(
  fc.record({ type: fc.constant('boolean' as const), value: fc.boolean() }),
  fc.record({ type: fc.constant('byte' as const), value: fc.integer({ min: -128, max: 127 }) }),
  fc.record({ type: fc.constant('short' as const), value: fc.integer({ min: -32768, max: 32767 }) }),
  fc.record({ type: fc.constant('integer' as const), value: fc.integer() }),
  fc.record({ type: fc.constant('binary' as const), value: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({ type: fc.constant('string' as const), value: fc.string({ unit: 'binary', maxLength: 40 }) }),
  fc.record({ type: fc.constant('timestamp' as const), value: fc.date({ noInvalidDate: true }) }),
  fc.record({ type: fc.constant('uuid' as const), value: fc.uuid() }),
);
const message = fc.record({
  extra: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), header, { maxKeys: 4 }),
  type: fc.string({ unit: 'binary', maxLength: 20 }),
  body: fc.uint8Array({ maxLength: 300 }),
});

describe('what is read', () => {
  it('reads what the reference codec wrote, for every split of the bytes', () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), fc.array(fc.nat()), (messages, cuts) => {
        const written = messages.map(({ extra, type, body }) =>
          encode({ ...extra, ':message-type': text('event'), ':event-type': text(type) }, body),
        );
        const frames = split(cutAt(Buffer.concat(written), cuts));
        expect(frames.map((frame) => [frame.event, frame.exception, frame.data.toString('hex')])).toEqual(
          messages.map(({ type, body }) => [type, false, Buffer.from(body).toString('hex')]),
        );
        expect(frames.map((frame) => frame.bytes?.toString('hex'))).toEqual(
          written.map((bytes) => bytes.toString('hex')),
        );
      }),
    );
  });

  it('reads byte by byte', () => {
    const bytes = Buffer.concat([event('messageStart'), event('metadata', '{"é":1}')]);
    const frames = split([...bytes].map((byte) => Buffer.from([byte])));
    expect(frames.map((frame) => frame.event)).toEqual(['messageStart', 'metadata']);
    expect(frames[1]?.data.toString()).toBe('{"é":1}');
  });

  it('does not copy a message that lies whole in a chunk', () => {
    const bytes = event('messageStart', '{"role":"assistant"}');
    expect(split([bytes])[0]?.data.buffer).toBe(bytes.buffer);
  });

  it.each([
    [
      { ':message-type': text('exception'), ':exception-type': text('throttlingException') },
      '{"message":"slow"}',
      { event: 'throttlingException', exception: true, data: '{"message":"slow"}' },
    ],
    [
      {
        ':message-type': text('error'),
        ':error-code': text('InternalError'),
        ':error-message': text('a "b"'),
      },
      '',
      { event: 'InternalError', exception: true, data: '{"message":"a \\"b\\""}' },
    ],
    [{ ':event-type': text('chunk') }, '{}', { event: 'chunk', exception: false, data: '{}' }],
    [{}, '', { event: undefined, exception: false, data: '' }],
  ] as [Headers, string, object][])('takes %j', (headers, body, expected) => {
    const [frame] = split([encode(headers, body)]);
    expect({ event: frame?.event, exception: frame?.exception, data: frame?.data.toString() }).toEqual(
      expected,
    );
  });
});

describe('what is refused', () => {
  it('a single changed byte, wherever it is', () => {
    const bytes = event('contentBlockDelta', '{"delta":{"text":"hello"}}');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const broken = Buffer.from(bytes);
        broken[at] = (broken[at] ?? 0) ^ change;
        expect(() => split([broken])).toThrow(FramingError);
      }),
    );
  });

  it('a stream that is cut off inside of a message', () => {
    const bytes = event('messageStop');
    for (let length = 1; length < bytes.length; length++) {
      expect(() => split([bytes.subarray(0, length)])).toThrow(FramingError);
    }
  });

  it('a message above the limit that it was given', () => {
    const bytes = event('messageStop');
    expect(new AwsEventSplitter(bytes.length).push(bytes)).toHaveLength(1);
    expect(() => new AwsEventSplitter(bytes.length - 1).push(bytes)).toThrow(FramingError);
  });

  it('messages that are larger than the format allows, before their bytes are held', () => {
    for (const [total, headers] of [
      [0xffff_ffff, 0],
      [25 * 1024 * 1024, 10],
      [1024 * 1024, 200 * 1024],
      [20, 100],
      [3, 0],
    ] as const) {
      expect(() => new AwsEventSplitter().push(prelude(total, headers))).toThrow(FramingError);
    }
  });

  it('headers that lie about their lengths, though the checksums are good', () => {
    for (const headers of [
      [200, 1],
      [1, 0x61],
      [0, 7, 0, 0],
      [1, 0x61, 7, 0xff, 0xff],
      [1, 0x61, 99, 0],
    ]) {
      expect(() => split([sealed(Buffer.from(headers))])).toThrow(FramingError);
    }
  });

  it('gives the messages before a broken one, then throws', () => {
    const broken = event('messageStop');
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    const splitter = new AwsEventSplitter();
    expect(splitter.push(Buffer.concat([event('messageStart'), broken])).map(({ event }) => event)).toEqual([
      'messageStart',
    ]);
    expect(() => splitter.push(event('metadata'))).toThrow(FramingError);
    expect(() => splitter.end()).toThrow(FramingError);
  });
});

function text(value: string): { type: 'string'; value: string } {
  return { type: 'string', value };
}

function prelude(total: number, headers: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(total, 0);
  bytes.writeUInt32BE(headers, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  return bytes;
}

function sealed(headers: Buffer): Buffer {
  const body = Buffer.concat([prelude(headers.length + 16, headers.length), headers]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(body));
  return Buffer.concat([body, end]);
}
