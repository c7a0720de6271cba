import type { AwsCredentialReference } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../gateway/providers/provider-kind.ts';
import {
  answer,
  type FakeService,
  type HarnessOptions,
  provider,
  startHarness,
} from '../fixtures/credential-harness.ts';
import { createFakeSts } from '../fixtures/fake-sts.ts';

const ROLE = 'arn:aws:iam::123456789012:role/one';
const NEXT = 'arn:aws:iam::210987654321:role/two';
const STATIC = JSON.stringify({ access_key_id: 'AKIA-static', secret_access_key: 'static-secret' });
const secret = { from: 'file', name: 'keys' } as const;

type Aws = Extract<Credential, { type: 'aws' }>;

function start(options: HarnessOptions = {}) {
  const sts = createFakeSts(() => harness.clock.wall + sts_ahead.ms);
  const sts_ahead = { ms: 0 };
  sts.known.set('AKIA-static', { secret: 'static-secret', token: undefined });
  const service: FakeService = (request) =>
    /\/\/(?:[^/]*\.)?sts\.[^/]*\/|127\.0\.0\.1:4711/.test(request.url) ? sts.answer(request) : undefined;
  const harness = startHarness({
    secrets: { keys: STATIC },
    ...options,
    services: [service, ...(options.services ?? [])],
  });
  const read = async (reference: Omit<AwsCredentialReference, 'from'>, region?: string) => {
    const target = provider({ from: 'aws', ...reference }, { ...(region && { region }) });
    return { target, credential: (await harness.source.read(target)) as Aws | undefined };
  };
  return { harness, sts, read, ahead: sts_ahead };
}

describe('keys as they stand', () => {
  it('gives static keys at once, and the same object until the file changes', async () => {
    const { harness } = start();
    const target = provider({ from: 'aws', source: 'static', secret });
    const first = harness.source.read(target);
    expect(first).toEqual({
      type: 'aws',
      accessKeyId: 'AKIA-static',
      secretAccessKey: 'static-secret',
      sessionToken: undefined,
      skewMs: 0,
    });
    expect(harness.source.read(target)).toBe(first);
    harness.secrets.keys = JSON.stringify({ access_key_id: 'a', secret_access_key: 's', session_token: 't' });
    expect(harness.source.read(target)).toMatchObject({ accessKeyId: 'a', sessionToken: 't' });
    expect(harness.sent).toEqual([]);
  });

  it.each([
    ['not JSON', 'malformed'],
    ['[]', 'malformed'],
    ['{"access_key_id": 1}', 'malformed'],
    ['{"access_key_id": "a\\nb", "secret_access_key": "s"}', 'malformed'],
    [undefined, 'not_configured'],
  ])('says what is wrong with %j', (text, problem) => {
    const { harness } = start({ secrets: text === undefined ? {} : { keys: text } });
    const target = provider({ from: 'aws', source: 'static', secret });
    expect(harness.source.read(target)).toBeUndefined();
    expect(harness.source.problem(target)).toBe(problem);
  });

  it("takes the environment's own keys", async () => {
    const environment = { AWS_ACCESS_KEY_ID: 'AKIA-e', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
    const { read } = start({ environment });
    for (const source of ['environment', 'default'] as const) {
      expect((await read({ source })).credential).toMatchObject({ accessKeyId: 'AKIA-e', sessionToken: 't' });
    }
  });
});

describe('roles', () => {
  it('takes a chain of them, each signed with the keys of the one before', async () => {
    const { sts, read } = start();
    const roles = [
      { arn: ROLE },
      {
        arn: NEXT,
        external_id: 'x:1',
        session_name: 'me',
        tags: { team: 'a b', cost: 'c+d' },
        duration_seconds: 900,
      },
    ];
    const { credential } = await read({ source: 'static', secret, roles, sts_region: 'eu-west-1' });
    expect(credential).toMatchObject({
      accessKeyId: 'ASIA-two-2',
      secretAccessKey: 'secret+of/two-2',
      sessionToken: 'token+of/two-2==',
    });
    expect(sts.asked.map(({ signedBy, region }) => [signedBy, region])).toEqual([
      ['AKIA-static', 'eu-west-1'],
      ['ASIA-one-1', 'eu-west-1'],
    ]);
    expect(Object.fromEntries(sts.asked[0]?.form ?? [])).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: ROLE,
      RoleSessionName: 'bonito',
    });
    expect(Object.fromEntries(sts.asked[1]?.form ?? [])).toMatchObject({
      RoleSessionName: 'me',
      ExternalId: 'x:1',
      DurationSeconds: '900',
      'Tags.member.1.Key': 'team',
      'Tags.member.1.Value': 'a b',
      'Tags.member.2.Key': 'cost',
      'Tags.member.2.Value': 'c+d',
    });
  });

  it.each([
    [{ sts_region: 'eu-west-1' }, 'us-west-2', 'https://sts.eu-west-1.amazonaws.com/'],
    [{}, 'ap-south-1', 'https://sts.ap-south-1.amazonaws.com/'],
    [{}, 'cn-north-1', 'https://sts.cn-north-1.amazonaws.com.cn/'],
    [{}, undefined, 'https://sts.amazonaws.com/'],
    [
      { sts_url: 'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com' },
      undefined,
      'https://vpce-1.sts.eu-west-1.vpce.amazonaws.com/',
    ],
  ])('asks the STS of the region: %j in %s', async (more, region, url) => {
    const { harness, read } = start();
    const { credential } = await read({ source: 'static', secret, roles: [{ arn: ROLE }], ...more }, region);
    expect(credential?.accessKeyId).toBe('ASIA-one-1');
    expect(harness.sent.map((request) => request.url)).toEqual([url]);
  });

  it('reads JSON as well', async () => {
    const { sts, read } = start();
    sts.json = true;
    const { credential } = await read({ source: 'static', secret, roles: [{ arn: ROLE }] });
    expect(credential?.sessionToken).toBe('token+of/one-1==');
  });

  it('shares what is the same between providers, and nothing else', async () => {
    const { sts, read } = start();
    const chain = { source: 'static', secret, sts_region: 'eu-west-1' } as const;
    await read({ ...chain, roles: [{ arn: ROLE }] });
    await read({ ...chain, roles: [{ arn: ROLE }, { arn: NEXT, tags: { team: 'a' } }] });
    await read({ ...chain, roles: [{ arn: ROLE }, { arn: NEXT, tags: { team: 'a' } }] });
    await read({ ...chain, roles: [{ arn: ROLE }, { arn: NEXT, tags: { team: 'b' } }] });
    expect(sts.asked.map(({ form }) => form.get('RoleArn'))).toEqual([ROLE, NEXT, NEXT]);
  });

  it.each([
    ['AccessDenied', 'permission_missing'],
    ['RegionDisabledException', 'wrong_region'],
    ['InvalidClientTokenId', 'refused'],
    ['ValidationError', 'not_configured'],
    ['SomethingNew', 'not_configured'],
  ])('%s means %s', async (error, problem) => {
    const { harness, sts, read } = start();
    sts.error = error;
    const { target, credential } = await read({ source: 'static', secret, roles: [{ arn: ROLE }] });
    expect(credential).toBeUndefined();
    expect(harness.source.problem(target)).toBe(problem);
    expect(harness.problems).toEqual([problem]);
  });

  it('gets the keys before a role anew when AWS calls them expired', async () => {
    const { harness, sts, read } = start();
    const roles = [{ arn: ROLE }, { arn: NEXT }];
    const { target, credential } = await read({ source: 'static', secret, roles });
    expect(credential?.accessKeyId).toBe('ASIA-two-2');
    harness.pass(60_000);
    sts.error = 'ExpiredToken';
    expect(await harness.source.verify(target)).toBe('expired');
    sts.error = undefined;
    harness.pass(60_000);
    expect(await harness.source.verify(target)).toBeUndefined();
    expect(sts.asked.at(-2)?.signedBy).toMatch(/^ASIA-one-[^1]$/);
  });

  it('corrects a wrong clock by what STS answers, once, and remembers it for signing', async () => {
    const { sts, read, ahead } = start();
    ahead.ms = 3_600_000;
    const { credential } = await read({ source: 'static', secret, roles: [{ arn: ROLE }] });
    expect(credential).toMatchObject({ accessKeyId: 'ASIA-one-1', skewMs: 3_600_000 });
    const next = await read({ source: 'static', secret, roles: [{ arn: NEXT }] });
    expect(next.credential?.skewMs).toBe(3_600_000);
    expect(sts.asked).toHaveLength(2);
  });
});

describe('refusals', () => {
  it("learns the time from a provider's answer, and does not fetch for that", async () => {
    const { harness, read } = start();
    const { target, credential } = await read({ source: 'static', secret, roles: [{ arn: ROLE }] });
    const date = new Date(harness.clock.wall - 900_000).toUTCString();
    harness.source.refused(target, 403, { date, 'x-amzn-errortype': 'InvalidSignatureException' });
    expect(harness.source.read(target)).toEqual({ ...credential, skewMs: -900_000 });
    expect(harness.source.read(target)).toBe(harness.source.read(target));
    expect(harness.sent).toHaveLength(1);
  });

  it('keeps the keys of a caller without permission', async () => {
    const { harness, sts, read } = start();
    const { target, credential } = await read({ source: 'static', secret, roles: [{ arn: ROLE }] });
    harness.pass(60_000);
    harness.source.refused(target, 403, { 'x-amzn-errortype': 'AccessDeniedException:http://x/' });
    expect(harness.source.read(target)).toBe(credential);
    expect(sts.asked).toHaveLength(1);
  });

  it('fetches anew after ExpiredToken', async () => {
    const { harness, read } = start();
    const { target } = await read({ source: 'static', secret, roles: [{ arn: ROLE }] });
    harness.pass(60_000);
    harness.source.refused(target, 403, { 'x-amzn-errortype': 'ExpiredTokenException' });
    expect(await harness.source.read(target)).toMatchObject({ accessKeyId: 'ASIA-one-2' });
  });
});

describe('verify', () => {
  it('asks AWS who the keys are', async () => {
    const { harness, sts, read } = start();
    const { target } = await read({ source: 'static', secret });
    expect(await harness.source.verify(target)).toBeUndefined();
    expect(sts.asked.map(({ form, signedBy }) => [form.get('Action'), signedBy])).toEqual([
      ['GetCallerIdentity', 'AKIA-static'],
    ]);
    harness.secrets.keys = JSON.stringify({ access_key_id: 'AKIA-static', secret_access_key: 'wrong' });
    expect(await harness.source.verify(target)).toBe('refused');
  });

  it('takes the role anew, also in a pause after a failure', async () => {
    const { harness, sts, read } = start();
    sts.error = 'AccessDenied';
    const { target } = await read({ source: 'static', secret, roles: [{ arn: ROLE }] });
    expect(harness.source.read(target)).toBeUndefined();
    expect(await harness.source.verify(target)).toBe('permission_missing');
    sts.error = undefined;
    expect(await harness.source.verify(target)).toBeUndefined();
    expect(sts.asked.at(-1)?.signedBy).toBe('ASIA-one-3');
    expect(harness.source.read(target)).toMatchObject({ accessKeyId: 'ASIA-one-3' });
  });
});

describe('web identity', () => {
  const environment = {
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
    AWS_ROLE_ARN: ROLE,
    AWS_ROLE_SESSION_NAME: 'pod',
  };
  it("takes the environment's role with its token, then further roles", async () => {
    const { sts, read } = start({ environment, files: { '/var/run/token': 'jwt.of.pod' } });
    const { credential } = await read({ source: 'default', roles: [{ arn: NEXT }] }, 'eu-west-1');
    expect(credential?.accessKeyId).toBe('ASIA-two-2');
    expect(Object.fromEntries(sts.asked[0]?.form ?? [])).toEqual({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: ROLE,
      RoleSessionName: 'pod',
      WebIdentityToken: 'jwt.of.pod',
    });
    expect(sts.asked[1]?.signedBy).toBe('ASIA-one-1');
  });

  it('takes the first configured role with a configured token', async () => {
    const { sts, read } = start({ secrets: { jwt: 'own.jwt' } });
    const token = { from: 'environment', name: 'jwt' } as const;
    await read({ source: 'web_identity', secret: token, roles: [{ arn: ROLE }, { arn: NEXT }] });
    expect(sts.asked.map(({ form }) => [form.get('RoleArn'), form.get('WebIdentityToken')])).toEqual([
      [ROLE, 'own.jwt'],
      [NEXT, null],
    ]);
  });

  it.each([{ external_id: 'x1' }, { tags: { a: 'b' } }])('does not leave out %j in silence', async (more) => {
    const { harness, read } = start({ secrets: { jwt: 'own.jwt' } });
    const token = { from: 'environment', name: 'jwt' } as const;
    const { target } = await read({ source: 'web_identity', secret: token, roles: [{ arn: ROLE, ...more }] });
    expect(harness.source.problem(target)).toBe('not_configured');
    expect(harness.sent).toEqual([]);
  });

  it('sends the token to AWS only, unless the operator says so', async () => {
    const files = { '/var/run/token': 'jwt' };
    const options = { source: 'web_identity', sts_url: 'https://sts.evil.example' } as const;
    const { harness, read } = start({ environment, files });
    const { target, credential } = await read(options);
    expect(credential).toBeUndefined();
    expect(harness.source.problem(target)).toBe('host_not_allowed');
    expect(harness.sent).toEqual([]);
    const allowed = start({ environment, files, trustedHosts: ['STS.evil.example'] });
    expect((await allowed.read(options)).credential).toBeDefined();
  });

  it.each([
    [{ environment }, 'not_configured'],
    [{ environment, files: { '/var/run/token': 'two words' } }, 'malformed'],
  ])('says what is missing: %j', async (options, problem) => {
    const { harness, read } = start(options as HarnessOptions);
    const { target } = await read({ source: 'web_identity' });
    expect(harness.source.problem(target)).toBe(problem);
  });
});

const given = (more = {}) => ({
  AccessKeyId: 'ASIA-given',
  SecretAccessKey: 's',
  Token: 't',
  Expiration: '2027-01-01T06:00:00Z',
  ...more,
});

describe('containers', () => {
  it.each([
    [
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1?a=b' },
      'http://169.254.170.2/v2/credentials/1?a=b',
      undefined,
    ],
    [
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/eks',
      },
      'http://169.254.170.23/v1/credentials',
      'eks-token',
    ],
    [
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://[fd00:ec2::23]/v1/credentials',
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic x',
      },
      'http://[fd00:ec2::23]/v1/credentials',
      'Basic x',
    ],
  ])('asks where the environment says: %j', async (environment, url, authorization) => {
    const { harness, read } = start({
      environment: environment as unknown as Record<string, string>,
      files: { '/eks': 'eks-token' },
      services: [(request) => (request.url === url ? answer(200, given()) : undefined)],
    });
    expect((await read({ source: 'default' })).credential).toMatchObject({
      accessKeyId: 'ASIA-given',
      sessionToken: 't',
    });
    expect(harness.sent[0]).toMatchObject({ method: 'GET', place: 'machine' });
    expect(harness.sent[0]?.headers.authorization).toBe(authorization);
  });

  it.each(['http://evil.example/x', 'http://169.254.169.254/x', 'ftp://localhost', 'nonsense'])(
    'does not ask %s',
    async (url) => {
      const { harness, read } = start({ environment: { AWS_CONTAINER_CREDENTIALS_FULL_URI: url } });
      const { target } = await read({ source: 'container' });
      expect(harness.source.problem(target)).toBe('not_configured');
      expect(harness.sent).toEqual([]);
    },
  );
});

describe('instances', () => {
  const imds: FakeService = ({ url, method, headers }) => {
    const { pathname, hostname } = new URL(url);
    if (hostname !== '169.254.169.254') return undefined;
    if (pathname === '/latest/api/token' && method === 'PUT') {
      return answer(headers['x-aws-ec2-metadata-token-ttl-seconds'] === '300' ? 200 : 400, 'session');
    }
    if (headers['x-aws-ec2-metadata-token'] !== 'session') return answer(401, '');
    if (pathname === '/latest/meta-data/iam/security-credentials/') return answer(200, 'my-role\n');
    return pathname.endsWith('/my-role') ? answer(200, given({ Code: 'Success' })) : answer(404, '');
  };

  it('asks with a session token, directly, and takes roles from there', async () => {
    const { harness, sts, read } = start({ services: [imds] });
    sts.known.set('ASIA-given', { secret: 's', token: 't' });
    const { credential } = await read({ source: 'default', roles: [{ arn: ROLE }] });
    expect(credential?.accessKeyId).toBe('ASIA-one-1');
    expect(harness.sent.slice(0, 3).map((request) => request.place)).toEqual([
      'machine',
      'machine',
      'machine',
    ]);
  });

  it('can be switched off', async () => {
    const { harness, read } = start({ environment: { AWS_EC2_METADATA_DISABLED: 'true' }, services: [imds] });
    const { target } = await read({ source: 'instance' });
    expect(harness.source.problem(target)).toBe('not_configured');
  });

  it('is unreachable outside of AWS', async () => {
    const { harness, read } = start();
    const { target } = await read({ source: 'instance' });
    expect(harness.source.problem(target)).toBe('unreachable');
  });
});
