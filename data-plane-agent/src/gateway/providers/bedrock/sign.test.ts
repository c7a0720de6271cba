import { createHash, createHmac } from 'node:crypto';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, sign } from './sign.ts';

/** The hash that the reference implementation wants. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', secret as NodeJS.ArrayBufferView);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }

  reset(): void {}
}

interface Case {
  id: string;
  prefix: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: Uint8Array;
  secretAccessKey: string;
  sessionToken: string | undefined;
  time: Date;
  skewMs: number;
}

async function reference(input: Case): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentialOf(input);
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'eu-central-1',
    sha256: Sha256 as never,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
  });
  const request = new HttpRequest({
    method: 'POST',
    protocol: 'https:',
    hostname: 'bedrock-runtime.eu-central-1.amazonaws.com',
    path: pathOf(input),
    query: input.query,
    headers: { host: 'bedrock-runtime.eu-central-1.amazonaws.com', ...input.headers },
    body: input.body,
  });
  const signed = await signer.sign(request, { signingDate: new Date(input.time.getTime() + input.skewMs) });
  return signed.headers;
}

function credentialOf(input: Case) {
  const { secretAccessKey, sessionToken, skewMs } = input;
  return { type: 'aws', accessKeyId: 'AKIDEXAMPLE', secretAccessKey, sessionToken, skewMs } as const;
}

function pathOf(input: Case): string {
  return `${input.prefix}/model/${encode(input.id)}/converse-stream`;
}

function ours(input: Case): Record<string, string> {
  const query = Object.entries(input.query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const added = sign(
    {
      method: 'POST',
      origin: 'https://bedrock-runtime.eu-central-1.amazonaws.com',
      path: pathOf(input) + (query.length > 0 ? `?${query.join('&')}` : ''),
      headers: Object.entries(input.headers).flat(),
      body: Buffer.from(input.body),
    },
    credentialOf(input),
    { region: 'eu-central-1', service: 'bedrock' },
    input.time.getTime(),
  );
  return Object.fromEntries(
    added.map((value, at) => [value, added[at + 1] ?? '']).filter((_, at) => at % 2 === 0),
  );
}

const anId = fc.oneof(
  fc.constantFrom(
    'anthropic.claude-sonnet-4-5-20250929-v1:0',
    'eu.amazon.nova-pro-v1:0',
    'arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc123',
    "arn:aws:sagemaker:us-east-1:1:endpoint/x!*()'~ %2F",
  ),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter((id) => id !== '.' && id !== '..'),
);
const aCase: fc.Arbitrary<Case> = fc.record({
  id: anId,
  prefix: fc.constantFrom('', '/vpc endpoint', '/a%20b/c'),
  query: fc.dictionary(fc.stringMatching(/^[a-z-]{1,8}$/), fc.string({ maxLength: 10 }), { maxKeys: 3 }),
  headers: fc.record(
    {
      'content-type': fc.constant('application/json'),
      'x-amzn-bedrock-trace': fc.constantFrom('ENABLED', ' two  words '),
    },
    { requiredKeys: ['content-type'] },
  ),
  body: fc.uint8Array({ maxLength: 200 }),
  secretAccessKey: fc.string({ minLength: 1, maxLength: 40 }),
  sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,60}$/), { nil: undefined }),
  time: fc.date({ min: new Date('2020-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
  skewMs: fc.integer({ min: -7_200_000, max: 7_200_000 }),
});

describe('the signature', () => {
  it('is the one that the reference implementation makes', async () => {
    await fc.assert(
      fc.asyncProperty(aCase, async (input) => {
        const expected = await reference(input);
        const actual = ours(input);
        for (const name of Object.keys(actual)) expect([name, actual[name]]).toEqual([name, expected[name]]);
        expect(actual.authorization).toContain('/eu-central-1/bedrock/aws4_request');
      }),
      { numRuns: 300 },
    );
  });

  it('is another one when the secret changes under the same key id', () => {
    const input: Case = {
      id: 'm',
      prefix: '',
      query: {},
      headers: {},
      body: new Uint8Array(),
      secretAccessKey: 'one',
      sessionToken: undefined,
      time: new Date('2026-01-01'),
      skewMs: 0,
    };
    const first = ours(input);
    expect(ours({ ...input, secretAccessKey: 'two' }).authorization).not.toBe(first.authorization);
    expect(ours(input)).toEqual(first);
  });
});

describe('the path', () => {
  it.each([
    ['anthropic.claude-v2:1', 'anthropic.claude-v2%3A1'],
    [
      'arn:aws:bedrock:us-east-1::foundation-model/a.b',
      'arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2Fa.b',
    ],
  ])('keeps %s one segment', (id, expected) => {
    expect(encode(id)).toBe(expected);
  });
});
