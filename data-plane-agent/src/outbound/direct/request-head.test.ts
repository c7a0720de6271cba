import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestFramingError, requestHead } from './request-head.ts';

const HOST = 'api.example';

describe('requestHead', () => {
  it('writes a request line, the host, and the headers as they were given', () => {
    expect(requestHead('POST', '/v1?a=%20', HOST, ['X-One', ' 1', 'x-two', 'ü'], 7)).toBe(
      `POST /v1?a=%20 HTTP/1.1\r\nhost: ${HOST}\r\nconnection: keep-alive\r\nX-One:  1\r\nx-two: ü\r\ncontent-length: 7\r\n\r\n`,
    );
  });

  it.each([
    ['an object', { a: '1', b: ['2', '3'], c: undefined }],
    [
      'pairs',
      new Map<string, string | string[]>([
        ['a', '1'],
        ['b', ['2', '3']],
      ]),
    ],
    ['a list', ['a', '1', 'b', '2', 'b', '3']],
  ])('takes headers as %s', (_name, headers) => {
    expect(requestHead('GET', '/', HOST, headers, undefined)).toContain(
      'keep-alive\r\na: 1\r\nb: 2\r\nb: 3\r\n\r\n',
    );
  });

  it('says itself how the request is framed', () => {
    const headers = [
      'Content-Length',
      '5',
      'Transfer-Encoding',
      'chunked',
      'connection',
      'close',
      'TE',
      'trailers',
    ];
    const more = ['expect', '100-continue', 'upgrade', 'h2c', 'trailer', 'x', 'keep-alive', 'timeout=1'];
    expect(requestHead('POST', '/', HOST, [...headers, ...more], 3)).toBe(
      `POST / HTTP/1.1\r\nhost: ${HOST}\r\nconnection: keep-alive\r\ncontent-length: 3\r\n\r\n`,
    );
  });

  it('gives the host that was signed', () => {
    expect(requestHead('GET', '/', HOST, ['Host', 'signed.example:8443'], undefined)).toContain(
      'host: signed.example:8443\r\n',
    );
  });

  it.each([
    ['POST', undefined, 'content-length: 0\r\n'],
    ['GET', undefined, 'keep-alive\r\n'],
    ['GET', 0, 'content-length: 0\r\n'],
    ['DELETE', 4, 'content-length: 4\r\n'],
  ])('says the length of what has one: %s with %s bytes', (method, bytes, end) => {
    expect(requestHead(method, '/', HOST, [], bytes).endsWith(`${end}\r\n`)).toBe(true);
  });

  it.each(['CONNECT', '', 'GET /other HTTP/1.1\r\nx:'])('refuses the method %j', (method) => {
    expect(() => requestHead(method, '/', HOST, [], undefined)).toThrow(RequestFramingError);
  });

  it.each(['', 'v1', 'http://other.example/', '*', '/ü'])('refuses the path %j', (path) => {
    expect(() => requestHead('GET', path, HOST, [], undefined)).toThrow(RequestFramingError);
  });

  it.each([
    ['without a value', ['a']],
    ['without a name', ['', 'a']],
    ['with an empty host', ['host', '']],
    ['beyond one byte', ['a', '€']],
    [
      'that are pairs in a list',
      [
        ['a', '1'],
        ['b', '2'],
      ] as unknown as string[],
    ],
  ])('refuses headers %s', (_name, headers) => {
    expect(() => requestHead('GET', '/', HOST, headers, undefined)).toThrow(RequestFramingError);
  });

  const anywhere = (text: string) =>
    fc.nat(text.length).map((place) => (stray: string) => text.slice(0, place) + stray + text.slice(place));
  const strayArbitrary = fc.constantFrom(
    '\r',
    '\n',
    '\0',
    '\r\n',
    '\r\n\r\n',
    '\x7f',
    '\x0b',
    '\u010d',
    '\u560a',
  );

  it('writes no line end and no NUL, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('method', 'path', 'name', 'value', 'host', 'own'),
        fc.tuple(anywhere('GET'), anywhere('/v1'), anywhere('x-one'), anywhere('one')),
        fc.oneof(strayArbitrary, fc.constant(' ')),
        (where, [method, path, name, value], stray) => {
          // A value may have spaces.
          fc.pre(stray !== ' ' || (where !== 'value' && where !== 'own'));
          const at = (place: string, make: (stray: string) => string) => make(where === place ? stray : '');
          const headers = [
            at('name', name),
            at('value', value),
            'host',
            at('host', value),
            'te',
            at('own', value),
          ];
          expect(() => requestHead(at('method', method), at('path', path), HOST, headers, 1)).toThrow(
            RequestFramingError,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it('writes nothing that has more lines or another length than it was given', () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(
        text,
        fc.array(fc.tuple(text, text), { maxLength: 4 }),
        fc.nat(99),
        (path, pairs, bytes) => {
          let head: string;
          try {
            head = requestHead('POST', `/${path}`, HOST, pairs.flat(), bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(RequestFramingError);
            return;
          }
          const lines = head.split('\r\n');
          expect(lines.length).toBeLessThanOrEqual(pairs.length + 6);
          expect(lines.slice(-3)).toEqual([`content-length: ${bytes}`, '', '']);
          expect(/[\r\n\0]/.test(lines.join(''))).toBe(false);
        },
      ),
    );
  });
});
