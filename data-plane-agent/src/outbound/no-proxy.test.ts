import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseNoProxy } from './no-proxy.ts';

describe('parseNoProxy', () => {
  it.each([
    ['*', 'https://any.example', true],
    ['*:8443', 'https://any.example', false],
    ['example.com', 'https://example.com', true],
    ['example.com', 'https://api.example.com', true],
    ['.example.com', 'https://example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*.example.com', 'https://a.example.com', true],
    ['example.com', 'https://notexample.com', false],
    ['EXAMPLE.com', 'https://example.COM.', true],
    ['example.com:443', 'https://example.com', true],
    ['example.com:443', 'http://example.com', false],
    ['example.com:8080', 'http://example.com:8080', true],
    ['10.1.2.3', 'http://10.1.2.3', true],
    ['10.1.2.3', 'http://10.1.2.4', false],
    ['10.0.0.0/8', 'http://10.255.0.1:8000', true],
    ['10.0.0.0/8', 'http://11.0.0.1', false],
    ['10.0.0.0/8', 'http://ten.example', false],
    ['10.0.0.0/99', 'http://10.0.0.1', false],
    ['fd00::/8', 'http://[fd12::1]:8000', true],
    ['::1', 'http://[::1]', true],
    ['[::1]:8080', 'http://[::1]:8080', true],
    ['[::1]:8080', 'http://[::1]:9090', false],
    ['', 'http://example.com', false],
  ])('%j and %s', (entry, url, direct) => {
    expect(parseNoProxy([entry])(new URL(url))).toBe(direct);
  });

  it('takes any text without throwing', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (entries) => {
        expect(typeof parseNoProxy(entries)(new URL('https://host.example'))).toBe('boolean');
      }),
    );
  });
});
