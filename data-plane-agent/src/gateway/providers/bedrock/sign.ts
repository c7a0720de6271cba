import { hash } from 'node:crypto';
import type { Credential, UnsignedCall } from '../provider-kind.ts';
import { HmacKey } from './hmac-key.ts';

type AwsCredential = Extract<Credential, { type: 'aws' }>;

/** Where a signature is good. */
export interface SigningScope {
  readonly region: string;
  /** `bedrock`, for all of Bedrock's runtime. */
  readonly service: string;
}

/** A derived key is good for one day; more of them than this are not kept. */
const MOST_KEYS = 256;
const keys = new Map<string, { day: string; secret: string; key: HmacKey }>();

/**
 * Signs a call with AWS Signature Version 4, synchronously and without copying the body. What is signed: the host, the
 * content type, every `x-amz…` header and the body's hash; other headers may be changed by proxies on the way.
 *
 * @param now milliseconds since 1970, corrected by the credential's `skewMs`
 * @returns the headers to add, names in lower case and values by turns
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function sign(
  call: UnsignedCall,
  credential: AwsCredential,
  { region, service }: SigningScope,
  now: number,
): readonly string[] {
  const time = new Date(now + credential.skewMs).toISOString();
  const day = time.slice(0, 4) + time.slice(5, 7) + time.slice(8, 10);
  const date = `${day}T${time.slice(11, 13)}${time.slice(14, 16)}${time.slice(17, 19)}Z`;
  const bodyHash = hash('sha256', call.body, 'hex');
  const added = ['x-amz-content-sha256', bodyHash, 'x-amz-date', date];
  if (credential.sessionToken !== undefined) added.push('x-amz-security-token', credential.sessionToken);

  const signed = signedHeaders(call, added);
  const names = signed.map(([name]) => name).join(';');
  let request = `${call.method}\n${canonicalTarget(call.path)}\n`;
  for (const [name, value] of signed) request += `${name}:${value}\n`;
  request += `\n${names}\n${bodyHash}`;

  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash('sha256', request, 'hex')}`;
  const signature = signingKey(credential, day, region, service).hexDigest(text);
  added.push(
    'authorization',
    `AWS4-HMAC-SHA256 Credential=${credential.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  );
  return added;
}

function signedHeaders(call: UnsignedCall, added: readonly string[]): [string, string][] {
  const signed: [string, string][] = [['host', call.origin.slice(call.origin.indexOf('://') + 3)]];
  for (const headers of [call.headers, added]) {
    for (let at = 0; at + 1 < headers.length; at += 2) {
      const name = headers[at] ?? '';
      if (name === 'content-type' || name.startsWith('x-amz'))
        signed.push([name, oneLine(headers[at + 1] ?? '')]);
    }
  }
  return signed.sort(([a], [b]) => compare(a, b));
}

function oneLine(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}

/**
 * The path is encoded once more than it is sent: every service but S3 wants that, so a colon that is sent as `%3A` is
 * signed as `%253A`.
 */
function canonicalTarget(target: string): string {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const encoded = path.split('/').map(encode).join('/');
  return `${encoded}\n${mark === -1 ? '' : canonicalQuery(target.slice(mark + 1))}`;
}

function canonicalQuery(query: string): string {
  const pairs = [...new URLSearchParams(query)].map(
    ([name, value]) => [encode(name), encode(value)] as const,
  );
  pairs.sort(([a, one], [b, other]) => compare(a, b) || compare(one, other));
  return pairs.map((pair) => pair.join('=')).join('&');
}

/** By code units, as the signature wants it. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** RFC 3986's unreserved characters stay, all others are percent-encoded. */
export function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function signingKey(credential: AwsCredential, day: string, region: string, service: string): HmacKey {
  const name = `${credential.accessKeyId}/${region}/${service}`;
  const known = keys.get(name);
  if (known?.day === day && known.secret === credential.secretAccessKey) return known.key;
  let key = new HmacKey(Buffer.from(`AWS4${credential.secretAccessKey}`));
  for (const part of [day, region, service, 'aws4_request']) key = new HmacKey(key.digest(part));
  if (keys.size >= MOST_KEYS) keys.clear();
  keys.set(name, { day, secret: credential.secretAccessKey, key });
  return key;
}
