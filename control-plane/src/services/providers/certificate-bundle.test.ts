import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { isCertificateBundle } from './certificate-bundle.ts';

const [first = '', second = ''] = rootCertificates;

describe('a bundle of certificates', () => {
  it('is one or more, with comments or blank lines between them', () => {
    expect(isCertificateBundle(first)).toBe(true);
    expect(isCertificateBundle(`# ours\r\n${first}\n\n${second}\n`)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['text', 'hello'],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----'],
    [
      'a private key after a certificate',
      `${first}\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----`,
    ],
    ['a broken certificate', first.replace(/[A-Za-z]{20}/, '')],
    ['a certificate without an end', first.replace(/-----END.*/, '')],
  ])('is not %s', (_, text) => expect(isCertificateBundle(text)).toBe(false));
});
