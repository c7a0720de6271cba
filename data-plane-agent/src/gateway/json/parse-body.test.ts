import { describe, expect, it } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { parseBody } from './parse-body.ts';

const FIELDS = ['model'];

function codeOf(bytes: Buffer): string {
  try {
    parseBody(bytes, FIELDS);
    return 'accepted';
  } catch (error) {
    if (error instanceof GatewayError) return error.code;
    throw error;
  }
}

describe('parseBody', () => {
  it.each([
    ['a byte order mark', Buffer.from('\ufeff{"model":"m"}')],
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', Buffer.from('{"model":"m"}', 'utf16le')],
    ['an encoded surrogate', Buffer.from([0x7b, 0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x7d])],
    ['a NUL behind it', Buffer.from('{"model":"m"}\0')],
    ['a second document', Buffer.from('{"model":"m"}{"model":"n"}')],
    ['a comment', Buffer.from('{"model":"m"/*,*/}')],
    ['a trailing comma', Buffer.from('{"model":"m",}')],
    ['NaN', Buffer.from('{"model":NaN}')],
    ['a raw line feed in a string', Buffer.from('{"model":"m\n"}')],
    ['nothing', Buffer.alloc(0)],
    ['an array', Buffer.from('[{"model":"m"}]')],
    ['null', Buffer.from('null')],
    ['a string', Buffer.from('"model"')],
    ['deep nesting', Buffer.from(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)],
  ])('refuses %s', (_name, bytes) => {
    expect(codeOf(bytes)).toBe('invalid_json');
  });

  it('refuses a key that looks like a field', () => {
    expect(codeOf(Buffer.from('{"model":"m","MODEL":"n"}'))).toBe('ambiguous_key');
  });

  it('forwards the very buffer when nothing stands against it', () => {
    const bytes = Buffer.from('{"model":"m","seed":9007199254740993}');
    expect(parseBody(bytes, FIELDS).bytes).toBe(bytes);
  });

  it('keeps the digits of numbers when it writes a body anew', () => {
    const bytes = Buffer.from(
      '{"model":"a","model":"b","seed":9007199254740993,"t":[0.1000000000000000055511151231257827,1e400,-0,1.0,1]}',
    );
    const parsed = parseBody(bytes, FIELDS);
    expect(parsed.untouched).toBe(false);
    expect(parsed.bytes.toString()).toBe(
      '{"model":"b","seed":9007199254740993,"t":[0.1000000000000000055511151231257827,1e400,-0,1.0,1]}',
    );
  });

  it('takes __proto__ for an ordinary member', () => {
    const bytes = Buffer.from('{"__proto__":{"model":"hidden"},"stream":1,"x":1,"model":"a","model":"b"}');
    const parsed = parseBody(bytes, FIELDS);
    expect(Object.getPrototypeOf(parsed.value)).toBe(Object.prototype);
    expect(parsed.bytes.toString()).toContain('"__proto__":{"model":"hidden"}');
    expect(parseBody(Buffer.from('{"__proto__":{"model":"hidden"}}'), FIELDS).value.model).toBeUndefined();
  });
});
