import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatListenAddress, parseBytes, parseDuration, parseListenAddress } from './value-schemas.ts';

describe('parseBytes', () => {
  it.each([
    ['32MB', 32 * 1024 ** 2],
    ['1.5k', 1536],
    ['512', 512],
    ['2 GiB', 2 * 1024 ** 3],
    ['1 potato', undefined],
    ['-1', undefined],
    ['', undefined],
    ['8388607GB', 8_388_607 * 1024 ** 3],
    ['999999999999999GB', undefined],
  ])('reads %j', (text, bytes) => expect(parseBytes(text)).toBe(bytes));
});

describe('parseDuration', () => {
  it.each([
    ['15s', 15_000],
    ['15', 15_000],
    ['250ms', 250],
    ['1.5m', 90_000],
    ['1h', 3_600_000],
    ['1d', undefined],
    ['', undefined],
  ])('reads %j', (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));
});

describe('parseListenAddress', () => {
  it.each([
    [':8000', { host: undefined, port: 8000 }],
    ['8000', { host: undefined, port: 8000 }],
    ['127.0.0.1:80', { host: '127.0.0.1', port: 80 }],
    ['[::]:80', { host: '::', port: 80 }],
    ['[fe80::1%eth0]:80', { host: 'fe80::1%eth0', port: 80 }],
    ['::1', undefined],
    ['host:', undefined],
    ['host:65536', undefined],
    ['a b:1', undefined],
  ])('reads %j', (text, address) => expect(parseListenAddress(text)).toEqual(address));

  it('reads back what is written', () => {
    const host = fc.oneof(fc.constant(undefined), fc.ipV4(), fc.ipV6(), fc.domain());
    fc.assert(
      fc.property(host, fc.integer({ min: 0, max: 65_535 }), (name, port) => {
        expect(parseListenAddress(formatListenAddress({ host: name, port }))).toEqual({ host: name, port });
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => parseListenAddress(text) !== null));
  });
});
