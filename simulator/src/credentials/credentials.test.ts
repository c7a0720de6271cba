import { createHash, createHmac, createSign } from 'node:crypto';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../start-simulator.ts';

let simulator: Simulator;
let later = 0;

beforeAll(async () => {
  simulator = await startSimulator({ now: () => Date.now() + later });
});
afterAll(() => simulator.close());

interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

async function converse(credentials: AwsCredentials) {
  const requestHandler = new NodeHttpHandler();
  const client = new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: simulator.url,
    credentials,
    requestHandler,
    maxAttempts: 1,
    systemClockOffset: later,
  });
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  return client.send(new ConverseCommand({ modelId: 'sim.plain', messages }));
}

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key =
      secret === undefined || typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array);
    this.#hash = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }
  update(data: Uint8Array | string) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
  reset() {}
}

/** Calls STS; signed when credentials are given. */
async function callSts(form: Record<string, string>, credentials?: AwsCredentials) {
  const body = new URLSearchParams(form).toString();
  const { hostname, port, host } = new URL(simulator.url);
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded' };
  const plain = {
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/sts',
    query: {},
    headers,
    body,
  };
  const request = credentials
    ? await new SignatureV4({ credentials, region: 'us-east-1', service: 'sts', sha256: Sha256 }).sign(plain)
    : plain;
  const response = await fetch(`${simulator.url}/sts`, { method: 'POST', headers: request.headers, body });
  const text = await response.text();
  const member = (name: string) => new RegExp(`<${name}>(.*?)</${name}>`).exec(text)?.[1] ?? '';
  return { status: response.status, member };
}

const role = { RoleArn: 'arn:aws:iam::123456789012:role/reader', RoleSessionName: 'session' };

it('lends a role to a signed caller, whose keys then sign and expire', async () => {
  const { awsAccessKeyId: accessKeyId, awsSecretAccessKey: secretAccessKey } = simulator.credentials;
  const own = { accessKeyId, secretAccessKey };
  const { member } = await callSts({ Action: 'AssumeRole', ...role }, own);
  const lent = {
    accessKeyId: member('AccessKeyId'),
    secretAccessKey: member('SecretAccessKey'),
    sessionToken: member('SessionToken'),
  };
  expect((await converse(lent)).stopReason).toBe('end_turn');
  const identity = await callSts({ Action: 'GetCallerIdentity' }, lent);
  expect(identity.member('Arn')).toBe('arn:aws:sts::123456789012:assumed-role/reader/session');
  const { sessionToken: _, ...withoutToken } = lent;
  await expect(converse(withoutToken)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  later = 3_700_000;
  const expired = await converse(lent).catch((error: unknown) => error);
  later = 0;
  expect(expired).toMatchObject({ name: 'ExpiredTokenException' });
});

it('refuses roles, unsigned calls and tokens that are none', async () => {
  const { awsAccessKeyId: accessKeyId, awsSecretAccessKey: secretAccessKey } = simulator.credentials;
  const own = { accessKeyId, secretAccessKey };
  const denied = await callSts(
    { Action: 'AssumeRole', ...role, RoleArn: 'arn:aws:iam::123456789012:role/denied-x' },
    own,
  );
  expect([denied.status, denied.member('Code')]).toEqual([403, 'AccessDenied']);
  expect((await callSts({ Action: 'AssumeRole', ...role })).member('Code')).toBe(
    'MissingAuthenticationToken',
  );
  const wrong = await callSts({ Action: 'AssumeRole', ...role }, { accessKeyId, secretAccessKey: 'x' });
  expect(wrong.member('Code')).toBe('SignatureDoesNotMatch');
  const web = (WebIdentityToken: string) =>
    callSts({ Action: 'AssumeRoleWithWebIdentity', ...role, WebIdentityToken });
  expect((await web('nonsense')).status).toBe(400);
  expect((await web('a.b.c')).member('AccessKeyId')).toMatch(/^ASIA/);
});

it('gives instance and container credentials that sign', async () => {
  const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '60' };
  const token = await (
    await fetch(`${simulator.url}/latest/api/token`, { method: 'PUT', headers: ttl })
  ).text();
  const folder = `${simulator.url}/latest/meta-data/iam/security-credentials/`;
  expect((await fetch(folder)).status).toBe(401);
  const headers = { 'x-aws-ec2-metadata-token': token };
  const name = await (await fetch(folder, { headers })).text();
  const instance = await (await fetch(folder + name, { headers })).json();
  const authorization = simulator.credentials.apiKey;
  const container = await (
    await fetch(`${simulator.url}/container-credentials`, { headers: { authorization } })
  ).json();
  for (const { AccessKeyId, SecretAccessKey, Token } of [instance, container] as Record<string, string>[]) {
    const lent = {
      accessKeyId: AccessKeyId ?? '',
      secretAccessKey: SecretAccessKey ?? '',
      sessionToken: Token ?? '',
    };
    expect((await converse(lent)).stopReason).toBe('end_turn');
  }
});

it('gives a Google token for an assertion that its key signed, and for no other', async () => {
  const { private_key = '', client_email, token_uri = '' } = simulator.googleServiceAccountKey();
  const iat = Math.floor(Date.now() / 1000);
  const ask = async (claims: object) => {
    const whole = {
      iss: client_email,
      aud: token_uri,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      iat,
      exp: iat + 3600,
      ...claims,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(whole)}`;
    const assertion = `${text}.${createSign('sha256').update(text).sign(private_key, 'base64url')}`;
    const body = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion,
    });
    const response = await fetch(token_uri, { method: 'POST', body });
    return (await response.json()) as Record<string, string>;
  };
  const { access_token } = await ask({});
  const url = `${simulator.url}/v1/projects/p/locations/global/publishers/google/models/sim.plain:generateContent`;
  const body = JSON.stringify({ contents: [{ role: 'user', parts: [{ text: 'hi' }] }] });
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
  expect(await ask({ exp: iat - 1 })).toMatchObject({ error: 'invalid_grant' });
  expect(await ask({ aud: 'https://elsewhere' })).toMatchObject({ error: 'invalid_grant' });
});

it('gives tokens of metadata services only to who names himself', async () => {
  const google = `${simulator.url}/computeMetadata/v1/instance/service-accounts/default/token`;
  expect((await fetch(google)).status).toBe(403);
  expect((await fetch(google, { headers: { 'metadata-flavor': 'Google' } })).status).toBe(200);
  const azure = `${simulator.url}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=r`;
  expect((await fetch(azure)).status).toBe(400);
  expect((await fetch(azure, { headers: { metadata: 'true' } })).status).toBe(200);
});

it('takes signed requests to Bedrock on the wire of OpenAI', async () => {
  const { awsAccessKeyId: accessKeyId, awsSecretAccessKey: secretAccessKey } = simulator.credentials;
  const { hostname, port, host } = new URL(simulator.url);
  const path = '/openai/v1/chat/completions';
  const body = JSON.stringify({ model: 'openai.sim.plain', messages: [{ role: 'user', content: 'hello' }] });
  const plain = {
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    query: {},
    headers: { host },
    body,
  };
  const send = async (secret: string) => {
    const credentials = { accessKeyId, secretAccessKey: secret };
    const signer = new SignatureV4({ credentials, region: 'us-west-2', service: 'bedrock', sha256: Sha256 });
    const { headers } = await signer.sign(plain);
    return fetch(simulator.url + path, { method: 'POST', headers, body });
  };
  const answer = await send(secretAccessKey);
  expect([answer.status, await answer.text()]).toEqual([
    200,
    expect.not.stringContaining('content_filter_results'),
  ]);
  expect((await send('wrong')).status).toBe(403);
});
