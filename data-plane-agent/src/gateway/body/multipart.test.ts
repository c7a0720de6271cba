import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { partText, readForm } from './multipart.ts';
import { readFormFields, replaceFormFields } from './multipart-fields.ts';
import { readBoundary } from './multipart-type.ts';

const name = fc.stringMatching(/^[a-zA-Z0-9_ \-[\]]{1,12}$/).filter((text) => text !== '_charset_');
const field = fc.record({ name, content: fc.string({ unit: 'grapheme', maxLength: 20 }) });

function write(boundary: string, fields: readonly { name: string; content: string }[]): Buffer {
  const parts = fields.map(
    (each) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${each.name}"\r\n\r\n${each.content}\r\n`,
  );
  return Buffer.from(`${parts.join('')}--${boundary}--\r\n`);
}

describe('readForm', () => {
  it('reads what was written, in its order', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), (fields) => {
        const form = readForm(write('b0undary', fields), 'b0undary');
        expect(form.parts.map((part) => ({ name: part.name, content: partText(form, part) }))).toEqual(
          fields,
        );
      }),
    );
  });

  it('sees what another reader sees, or refuses', async () => {
    const pieces = fc.constantFrom(
      '--b',
      '--b--',
      '\r\n',
      '\r\n\r\n',
      '--',
      'x',
      ': ',
      'Content-Disposition: ',
      'form-data; name="a"',
      '\n',
      ';',
      '"',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, { maxLength: 14 }), async (list) => {
        const bytes = Buffer.from(
          `--b\r\nContent-Disposition: form-data; name="m"\r\n\r\n${list.join('')}\r\n--b--`,
        );
        let fields: [string, string][];
        try {
          const form = readForm(bytes, 'b');
          fields = form.parts.map((part) => [part.name, partText(form, part)]);
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
          return;
        }
        const headers = { 'content-type': 'multipart/form-data; boundary=b' };
        const other = await new Response(new Uint8Array(bytes), { headers }).formData();
        expect(fields).toEqual([...other.entries()]);
      }),
    );
  });

  it('never fails otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          readForm(Buffer.concat([Buffer.from('--b'), bytes]), 'b');
        } catch (error) {
          expect(error).toBeInstanceOf(GatewayError);
        }
      }),
    );
  });
});

describe('replaceFormFields', () => {
  it('changes one field and leaves the rest', () => {
    const before = [
      { name: 'a', content: 'x' },
      { name: 'model', content: 'mine' },
      { name: 'b', content: '\r\n--' },
    ];
    const form = readForm(write('b0', before), 'b0');
    const after = before.map((each) => (each.name === 'model' ? { ...each, content: 'theirs' } : each));
    expect(replaceFormFields(form, { model: 'theirs' })).toEqual(write('b0', after));
    expect(readFormFields(form, ['model'])).toMatchObject({ a: 'x', model: 'mine' });
  });
});

describe('readBoundary', () => {
  it.each([
    [undefined, undefined],
    ['application/json', undefined],
    ['multipart/mixed; boundary=a', undefined],
    ['multipart/form-data; boundary=a', 'a'],
    ['Multipart/Form-Data;charset=utf-8; Boundary="a b"', 'a b'],
  ])('%s', (type, boundary) => {
    expect(readBoundary(type)).toBe(boundary);
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="a "',
    'multipart/form-data; boundary=a; boundary=a',
    'multipart/form-data; boundary=a, multipart/form-data; boundary=b',
    `multipart/form-data; boundary=${'a'.repeat(71)}`,
  ])('refuses %s', (type) => {
    expect(() => readBoundary(type)).toThrow(GatewayError);
  });
});
