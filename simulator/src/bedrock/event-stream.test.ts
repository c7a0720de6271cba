import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeEventMessage } from './event-stream.ts';

it('encodes what the codec of the SDK decodes', () => {
  const codec = new EventStreamCodec(toUtf8, fromUtf8);
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40 }),
      fc.string({ unit: 'grapheme' }),
      (value, payload) => {
        const { headers, body } = codec.decode(encodeEventMessage({ ':event-type': value }, payload));
        expect(headers[':event-type']).toEqual({ type: 'string', value });
        expect(toUtf8(body)).toBe(payload);
      },
    ),
  );
});
