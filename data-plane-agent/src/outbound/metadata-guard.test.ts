import { describe, expect, it } from 'vitest';
import { guardLookup, isMetadataHost } from './metadata-guard.ts';

describe('isMetadataHost', () => {
  it.each([
    'http://169.254.169.254/latest',
    'http://169.254.170.2',
    'http://2852039166/',
    'http://0xA9FEA9FE/',
    'http://0251.0376.0251.0376/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    'http://[fd20:ce::254]/',
    'http://168.63.129.16/',
    'http://100.100.100.200/',
    'http://METADATA.google.internal./',
  ])('refuses %s', (url) => expect(isMetadataHost(new URL(url).hostname)).toBe(true));

  it.each([
    'http://127.0.0.1/',
    'http://10.0.0.1/',
    'http://192.168.1.1/',
    'http://[::1]/',
    'http://[fd12::1]/',
    'https://api.openai.com/',
    'http://169.255.0.1/',
  ])('lets %s pass', (url) => expect(isMetadataHost(new URL(url).hostname)).toBe(false));
});

describe('guardLookup', () => {
  const ask = (addresses: string[], all: boolean) =>
    new Promise<unknown>((resolve) => {
      const lookup = guardLookup((_host, _options, callback) => {
        if (all)
          callback(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          );
        else callback(null, addresses[0] ?? '', 4);
      });
      lookup('name.example', { all }, (error, address) => resolve(error?.code ?? address));
    });

  it('refuses a name that resolves to a metadata address, among others too', async () => {
    expect(await ask(['169.254.169.254'], false)).toBe('ADDRESS_REFUSED');
    expect(await ask(['10.0.0.1', '169.254.169.254'], true)).toBe('ADDRESS_REFUSED');
  });

  it('hands other addresses through', async () => {
    expect(await ask(['10.0.0.1'], false)).toBe('10.0.0.1');
    expect(await ask(['10.0.0.1'], true)).toEqual([{ address: '10.0.0.1', family: 4 }]);
  });

  it('hands an error of DNS through', async () => {
    const failed = Object.assign(new Error('x'), { code: 'ENOTFOUND' });
    const lookup = guardLookup((_host, _options, callback) => callback(failed, ''));
    expect(await new Promise((resolve) => lookup('a', {}, (error) => resolve(error)))).toBe(failed);
  });
});
