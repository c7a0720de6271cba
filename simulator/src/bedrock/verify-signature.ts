import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Authority } from '../credentials/authority.ts';
import type { AwsKey } from '../credentials/aws-keys.ts';
import type { Arrival } from '../serving/wire.ts';

/** Why a signature was not accepted; `type` is AWS's name of the exception. All are HTTP 403. */
export class SignatureRefusal extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.name = 'SignatureRefusal';
    this.type = type;
  }
}

const algorithm = 'AWS4-HMAC-SHA256';
const skewMilliseconds = 5 * 60_000;

interface Authorization {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

/**
 * Checks a Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.
 * Gives whose key it is. Throws `SignatureRefusal`.
 */
export function verifySignature(
  { request, url, bytes }: Arrival,
  authority: Authority,
  service: string,
): AwsKey {
  const { headers } = request;
  const authorization = readAuthorization(headers.authorization);
  const time = String(headers['x-amz-date'] ?? '');
  checkScope(authorization, service, time);
  const key = authority.aws.find(authorization.accessKeyId);
  if (!key || key.sessionToken !== headers['x-amz-security-token'])
    throw new SignatureRefusal(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  if (key.expires <= authority.now())
    throw new SignatureRefusal(
      'ExpiredTokenException',
      'The security token included in the request is expired',
    );
  checkTime(time, authority.now());
  checkSignedHeaders(authorization, Object.keys(headers));
  const digest = sha256(bytes);
  const declared = headers['x-amz-content-sha256'];
  const isBodyRight = declared === undefined || declared === digest;
  const canonical = [
    request.method,
    canonicalPath(String(request.url).split('?')[0] ?? '/'),
    canonicalQuery(url.searchParams),
    ...authorization.signedHeaders.map((name) => `${name}:${canonicalValue(headers[name])}`),
    '',
    authorization.signedHeaders.join(';'),
    digest,
  ].join('\n');
  const scope = `${authorization.date}/${authorization.region}/${service}/aws4_request`;
  const text = [algorithm, time, scope, sha256(canonical)].join('\n');
  const expected = hmac(signingKey(key.secretAccessKey, authorization), text).toString('hex');
  if (!isBodyRight || !isSame(expected, authorization.signature))
    throw new SignatureRefusal(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  return key;
}

function readAuthorization(header: string | undefined): Authorization {
  if (!header)
    throw new SignatureRefusal('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(
      header,
    );
  if (!match)
    throw new SignatureRefusal(
      'IncompleteSignatureException',
      `'${header.slice(0, 64)}' not a valid key=value pair (missing equal-sign) in Authorization header.`,
    );
  const [, accessKeyId = '', date = '', region = '', service = '', names = '', signature = ''] = match;
  return { accessKeyId, date, region, service, signedHeaders: names.split(';'), signature };
}

function checkScope({ date, service }: Authorization, expected: string, time: string): void {
  if (service !== expected)
    throw new SignatureRefusal(
      'InvalidSignatureException',
      `Credential should be scoped to correct service: '${expected}'. `,
    );
  if (!/^\d{8}T\d{6}Z$/.test(time))
    throw new SignatureRefusal(
      'IncompleteSignatureException',
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
    );
  if (!time.startsWith(date))
    throw new SignatureRefusal(
      'InvalidSignatureException',
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${time.slice(0, 8)}', from '${time}'.`,
    );
}

function checkTime(time: string, now: number): void {
  const [, year, month, day, hour, minute, second] = /(....)(..)(..)T(..)(..)(..)Z/.exec(time) ?? [];
  const signed = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (signed < now - skewMilliseconds) {
    const limit = compact(now - skewMilliseconds);
    throw new SignatureRefusal(
      'InvalidSignatureException',
      `Signature expired: ${time} is now earlier than ${limit} (${compact(now)} - 5 min.)`,
    );
  }
  if (signed > now + skewMilliseconds) {
    const limit = compact(now + skewMilliseconds);
    throw new SignatureRefusal(
      'InvalidSignatureException',
      `Signature not yet current: ${time} is still later than ${limit} (${compact(now)} + 5 min.)`,
    );
  }
}

function compact(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** `host` and every `x-amz-` header must be signed. */
function checkSignedHeaders({ signedHeaders }: Authorization, names: readonly string[]): void {
  const missing = names.find(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  );
  if (missing !== undefined)
    throw new SignatureRefusal(
      'InvalidSignatureException',
      `'${missing}' must be a 'SignedHeader' in the AWS Authorization.`,
    );
}

/** Every service but S3 encodes the path that was sent once more. */
function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(encode(segment));
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`;
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalValue(value: string | string[] | undefined): string {
  return [value].flat().join(',').trim().replace(/ +/g, ' ');
}

function signingKey(secret: string, { date, region, service }: Authorization): Buffer {
  return [date, region, service, 'aws4_request'].reduce<Buffer>(hmac, Buffer.from(`AWS4${secret}`));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function isSame(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
