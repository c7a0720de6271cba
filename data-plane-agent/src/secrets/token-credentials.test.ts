import { generateKeyPairSync } from 'node:crypto';
import type { CredentialReference, Provider } from '@bonito/protocol';
import { importSPKI, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  answer,
  type FakeService,
  type HarnessOptions,
  provider,
  START,
  serviceAt,
  startHarness,
} from './fixtures/credential-harness.ts';

const AZURE_URL = 'https://my.openai.azure.com/openai/v1';
const VERTEX_URL = 'https://europe-west4-aiplatform.googleapis.com';
const secret = { from: 'file', name: 'secret' } as const;
const token = (more: Record<string, unknown> = {}) =>
  answer(200, { access_token: 'the-token', token_type: 'Bearer', expires_in: 3600, ...more });

function start(reference: CredentialReference, options: HarnessOptions, more: Partial<Provider> = {}) {
  const harness = startHarness(options);
  const target = provider(reference, { base_url: AZURE_URL, ...more });
  return { harness, target, read: () => harness.source.read(target) };
}

const BEARER = { type: 'bearer', token: 'the-token' };

describe('plain secrets', () => {
  it('are the same object until they change', () => {
    const { harness, read } = start({ from: 'file', name: 'secret' }, { secrets: { secret: 'sk-1' } });
    expect(read()).toEqual({ type: 'secret', value: 'sk-1' });
    expect(read()).toBe(read());
    harness.secrets.secret = 'sk-2';
    expect(read()).toEqual({ type: 'secret', value: 'sk-2' });
    delete harness.secrets.secret;
    expect(read()).toBeUndefined();
  });

  it('are read from their file again when the provider refuses them, once a second at most', () => {
    const { harness, target, read } = start(
      { from: 'file', name: 'secret' },
      { secrets: { secret: 'sk-1' } },
    );
    read();
    harness.source.refused(target, 401, {});
    harness.source.refused(target, 401, {});
    expect(harness.reloads).toEqual(['secret']);
    harness.pass(1_000);
    harness.source.refused(target);
    expect(harness.reloads).toEqual(['secret', 'secret']);
  });

  it('may be none, and are nothing for a source of a later version', () => {
    expect(start({ from: 'none' }, {}).read()).toEqual({ type: 'none' });
    expect(start({ from: 'unknown' }, {}).read()).toBeUndefined();
  });
});

describe('azure', () => {
  const LOGIN = 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token';
  const client = {
    from: 'azure',
    source: 'client_secret',
    tenant_id: 'tenant',
    client_id: 'client',
    secret,
  } as const;

  it('asks for a token with a client secret, and keeps it', async () => {
    const forms: Record<string, string>[] = [];
    const login = serviceAt(LOGIN, (_request, form) => {
      forms.push(Object.fromEntries(form));
      return token();
    });
    const { harness, read } = start(client, { secrets: { secret: 'shh' }, services: [login] });
    expect(await read()).toEqual(BEARER);
    expect(read()).toBe(read());
    expect(harness.reloads).toEqual(['secret']);
    expect(forms).toEqual([
      {
        grant_type: 'client_credentials',
        client_id: 'client',
        client_secret: 'shh',
        scope: 'https://cognitiveservices.azure.com/.default',
      },
    ]);
    expect(harness.sent[0]).toMatchObject({ method: 'POST', place: 'network' });
  });

  it.each([
    ['invalid_client', 'AADSTS7000222: The provided client secret keys are expired.', 401, 'expired'],
    ['invalid_client', 'AADSTS7000215: Invalid client secret provided.', 401, 'refused'],
    ['unauthorized_client', 'AADSTS700016: not found', 400, 'permission_missing'],
    ['invalid_request', 'AADSTS90002: Tenant not found', 400, 'not_configured'],
    ['invalid_scope', 'AADSTS70011', 400, 'not_configured'],
    ['new_error', '', 403, 'permission_missing'],
  ])('%s (%s) means %s %s', async (error, error_description, status, problem) => {
    const login = serviceAt(LOGIN, () => answer(status, { error, error_description }));
    const { harness, target, read } = start(client, { secrets: { secret: 'shh' }, services: [login] });
    expect(await read()).toBeUndefined();
    expect(harness.source.problem(target)).toBe(problem);
  });

  it.each([
    [200, 'not JSON', 'malformed'],
    [200, '{}', 'malformed'],
    [200, '{"access_token":"a\\r\\nx: y","expires_in":1}', 'malformed'],
    [200, '{"access_token":"a","token_type":"mac"}', 'malformed'],
    [200, '{"access_token":"a","expires_in":0}', 'expired'],
    [302, '', 'unreachable'],
    [503, '', 'unreachable'],
    [429, '', 'unreachable'],
  ])('an answer %s %s is %s', async (status, body, problem) => {
    const login = serviceAt(LOGIN, () => answer(status, body));
    const { harness, target, read } = start(client, { secrets: { secret: 'shh' }, services: [login] });
    expect(await read()).toBeUndefined();
    expect(harness.source.problem(target)).toBe(problem);
  });

  it('shows the token of Kubernetes, read for each exchange', async () => {
    const seen: (string | null)[] = [];
    const login = serviceAt('https://login.microsoftonline.us/t/oauth2/v2.0/token', (_request, form) => {
      seen.push(form.get('client_assertion'));
      expect(form.get('client_assertion_type')).toBe(
        'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      );
      expect(form.get('client_id')).toBe('c');
      return token();
    });
    const { harness, read } = start(
      { from: 'azure', source: 'workload_identity' },
      {
        environment: {
          AZURE_FEDERATED_TOKEN_FILE: '/f',
          AZURE_TENANT_ID: 't',
          AZURE_CLIENT_ID: 'c',
          AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
        },
        files: { '/f': 'jwt-1' },
        services: [login],
      },
    );
    expect(await read()).toEqual(BEARER);
    harness.files['/f'] = 'jwt-2';
    harness.pass(3_600_000);
    expect(await read()).toEqual(BEARER);
    expect(seen).toEqual(['jwt-1', 'jwt-2']);
  });

  it('does not show it to another authority that the configuration names', async () => {
    const { harness, target, read } = start(
      { from: 'azure', source: 'workload_identity', authority_url: 'https://login.evil.example' },
      {
        environment: { AZURE_FEDERATED_TOKEN_FILE: '/f', AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'c' },
        files: { '/f': 'j' },
      },
    );
    expect(await read()).toBeUndefined();
    expect(harness.source.problem(target)).toBe('host_not_allowed');
    expect(harness.sent).toEqual([]);
  });

  it('asks the metadata service of a virtual machine', async () => {
    const imds = serviceAt('http://169.254.169.254/metadata/identity/oauth2/token', ({ headers }, query) => {
      expect(headers).toEqual({ metadata: 'true' });
      expect(Object.fromEntries(query)).toEqual({
        'api-version': '2018-02-01',
        resource: 'https://ai.azure.com',
        client_id: 'mine',
      });
      return token({ expires_in: '86399' });
    });
    const { harness, read } = start(
      {
        from: 'azure',
        source: 'managed_identity',
        client_id: 'mine',
        scope: 'https://ai.azure.com/.default',
      },
      { services: [imds] },
    );
    expect(await read()).toEqual(BEARER);
    expect(harness.sent[0]?.place).toBe('machine');
    harness.pass(50_000_000);
    expect(read()).toEqual(BEARER);
  });

  it('asks the identity endpoint of App Service', async () => {
    const endpoint = serviceAt('http://127.0.0.1:41741/msi/token', ({ headers }, query) => {
      expect(headers).toEqual({ 'x-identity-header': 'header-secret' });
      expect(query.get('api-version')).toBe('2019-08-01');
      return answer(200, { access_token: 'the-token', expires_on: String(START / 1_000 + 600) });
    });
    const { harness, read } = start(
      { from: 'azure', source: 'managed_identity' },
      {
        environment: {
          IDENTITY_ENDPOINT: 'http://127.0.0.1:41741/msi/token',
          IDENTITY_HEADER: 'header-secret',
        },
        services: [endpoint],
      },
    );
    expect(await read()).toEqual(BEARER);
    harness.pass(600_000);
    expect(read()).toBeInstanceOf(Promise);
  });
});

describe("a machine's own identity", () => {
  const imds: FakeService = () => token();
  it.each([
    ['https://my.openai.azure.com/openai', true],
    ['https://my.services.ai.azure.com', true],
    ['https://my.cognitiveservices.azure.com', true],
    ['http://127.0.0.1:1/x', true],
    ['https://ai.corp.example/v1', true],
    ['https://evil.example', false],
    ['https://my.openai.azure.com.evil.example', false],
    ['https://my.azure-api.net', false],
    ['http://my.openai.azure.com', false],
  ])('of Azure goes to %s: %s', async (base_url, goes) => {
    const options = { services: [imds], trustedHosts: ['ai.corp.example'] };
    const { harness, target, read } = start({ from: 'azure', source: 'managed_identity' }, options, {
      base_url,
    });
    expect(await read()).toEqual(goes ? BEARER : undefined);
    expect(harness.source.problem(target)).toBe(goes ? undefined : 'host_not_allowed');
  });
});

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const account = {
  type: 'service_account',
  private_key_id: 'key-1',
  private_key: privateKey,
  client_email: 'me@project.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
};

describe('google', () => {
  const reference = { from: 'google', source: 'service_account', secret } as const;

  it.each([
    [{}, account.token_uri, account.token_uri],
    [
      { token_url: 'https://oauth2-me.p.googleapis.com/token' },
      'https://oauth2-me.p.googleapis.com/token',
      account.token_uri,
    ],
    [{ token_url: 'http://127.0.0.1:9/token' }, 'http://127.0.0.1:9/token', 'http://127.0.0.1:9/token'],
  ])('signs an assertion for a service account: %j', async (more, url, audience) => {
    let assertion = '';
    const endpoint = serviceAt(url, (_request, form) => {
      expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer');
      assertion = form.get('assertion') ?? '';
      return token();
    });
    const options = { secrets: { secret: JSON.stringify(account) }, services: [endpoint] };
    const { read } = start({ ...reference, ...more }, options, { base_url: VERTEX_URL });
    expect(await read()).toEqual(BEARER);
    const key = await importSPKI(publicKey, 'RS256');
    const { payload, protectedHeader } = await jwtVerify(assertion, key, { currentDate: new Date(START) });
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' });
    expect(payload).toEqual({
      iss: account.client_email,
      sub: account.client_email,
      aud: audience,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      iat: START / 1_000,
      exp: START / 1_000 + 3_600,
    });
  });

  it.each([
    [{ ...account, token_uri: 'https://evil.example/token' }, 'host_not_allowed'],
    [{ ...account, token_uri: 'http://oauth2.googleapis.com/token' }, 'host_not_allowed'],
    [{ ...account, token_uri: 'https://googleapis.com.evil.example/' }, 'host_not_allowed'],
    [{ ...account, private_key: 'nonsense' }, 'malformed'],
    [{ ...account, client_email: undefined }, 'malformed'],
    [{ type: 'authorized_user' }, 'malformed'],
  ])('refuses %o', async (file, problem) => {
    const { harness, target, read } = start(reference, { secrets: { secret: JSON.stringify(file) } });
    expect(await read()).toBeUndefined();
    expect(harness.source.problem(target)).toBe(problem);
    expect(harness.sent).toEqual([]);
  });

  const METADATA = 'http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token';
  it('asks the metadata service, and believes only that one', async () => {
    const metadata = (flavor: string) =>
      serviceAt(METADATA, ({ headers, place }, query) => {
        expect([headers['metadata-flavor'], place]).toEqual(['Google', 'machine']);
        expect(query.get('scopes')).toBe('https://www.googleapis.com/auth/cloud-platform');
        return { ...token(), headers: { 'metadata-flavor': flavor } };
      });
    const ambient = { from: 'google', source: 'ambient' } as const;
    const vertex = { base_url: VERTEX_URL };
    expect(await start(ambient, { services: [metadata('Google')] }, vertex).read()).toEqual(BEARER);
    expect(await start(ambient, { services: [metadata('other')] }, vertex).read()).toBeUndefined();
    const evil = { base_url: 'https://evil.example' };
    expect(await start(ambient, { services: [metadata('Google')] }, evil).read()).toBeUndefined();
  });

  const external = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: { file: '/subject', format: { type: 'json', subject_token_field_name: 'id' } },
  };
  const impersonation =
    'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a@b.iam.gserviceaccount.com:generateAccessToken';
  const sts = serviceAt(external.token_url, (_request, form) => {
    expect(form.get('audience')).toBe(external.audience);
    return form.get('subject_token') === 'subject.jwt'
      ? token({ access_token: 'federated' })
      : answer(400, { error: 'invalid_grant' });
  });

  it('exchanges a token of another cloud, and that for a service account', async () => {
    const iam = serviceAt(impersonation, ({ headers, body }) => {
      expect(headers.authorization).toBe('Bearer federated');
      expect(JSON.parse(body ?? '')).toEqual({ scope: ['https://www.googleapis.com/auth/cloud-platform'] });
      return answer(200, { accessToken: 'the-token', expireTime: '2027-01-01T01:00:00Z' });
    });
    const options = {
      environment: { GOOGLE_APPLICATION_CREDENTIALS: '/adc.json' },
      files: {
        '/adc.json': JSON.stringify({ ...external, service_account_impersonation_url: impersonation }),
        '/subject': '{"id":"subject.jwt"}',
      },
      services: [sts, iam],
    };
    const { read } = start({ from: 'google', source: 'ambient' }, options, { base_url: VERTEX_URL });
    expect(await read()).toEqual(BEARER);
  });

  it.each([
    [
      {
        url: 'http://169.254.169.254/metadata/identity/oauth2/token?resource=x',
        headers: { Metadata: 'true' },
      },
      undefined,
    ],
    [{ url: 'http://evil.example/token' }, 'host_not_allowed'],
    [{ environment_id: 'aws1', url: 'http://169.254.169.254/x' }, 'not_configured'],
    [{ executable: { command: '/bin/sh' } }, 'not_configured'],
    [{ file: '/missing' }, 'not_configured'],
  ])('takes a subject token from %j: %s', async (credential_source, problem) => {
    const imds: FakeService = ({ url }) =>
      url.startsWith('http://169.254') ? answer(200, 'subject.jwt') : undefined;
    const file = { ...external, credential_source };
    const options = { secrets: { secret: JSON.stringify(file) }, services: [imds, sts] };
    const { harness, target, read } = start(reference, options);
    const got = await read();
    expect(harness.source.problem(target)).toBe(problem);
    expect(got).toEqual(problem ? undefined : { type: 'bearer', token: 'federated' });
  });
});

describe('federation', () => {
  it.each([
    [
      { source: 'openai', identity_provider_id: 'idp_1', service_account_id: 'sa_1' },
      'https://auth.openai.com/oauth/token',
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
        subject_token: 'own.jwt',
        identity_provider_id: 'idp_1',
        service_account_id: 'sa_1',
      },
      undefined,
    ],
    [
      {
        source: 'anthropic',
        federation_rule_id: 'fdrl_1',
        organization_id: 'org',
        service_account_id: 'svac_1',
        workspace_id: 'wrkspc_1',
      },
      'https://api.anthropic.com/v1/oauth/token',
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: 'own.jwt',
        federation_rule_id: 'fdrl_1',
        organization_id: 'org',
        service_account_id: 'svac_1',
        workspace_id: 'wrkspc_1',
      },
      'oauth-2025-04-20,oidc-federation-2026-04-01',
    ],
  ] as const)('exchanges a token as the provider wants it: %j', async (way, url, body, beta) => {
    const endpoint = serviceAt(url, (request) => {
      expect(JSON.parse(request.body ?? '')).toEqual(body);
      expect(request.headers['anthropic-beta']).toBe(beta);
      expect(request.headers['content-type']).toBe('application/json');
      return token();
    });
    const options = { secrets: { secret: 'own.jwt' }, services: [endpoint] };
    const { read } = start({ from: 'federation', secret, ...way }, options);
    expect(await read()).toEqual(BEARER);
  });

  it('fetches anew after 401, and again with the newest subject token', async () => {
    const seen: string[] = [];
    const endpoint = serviceAt('https://auth.openai.com/oauth/token', (request) => {
      seen.push(JSON.parse(request.body ?? '').subject_token);
      return token({ access_token: `token-${seen.length}` });
    });
    const way = { source: 'openai', identity_provider_id: 'i', service_account_id: 's' } as const;
    const options = { secrets: { secret: 'jwt-1' }, services: [endpoint] };
    const { harness, target, read } = start({ from: 'federation', secret, ...way }, options);
    await read();
    harness.secrets.secret = 'jwt-2';
    harness.pass(20_000);
    harness.source.refused(target, 401, {});
    expect(await read()).toEqual({ type: 'bearer', token: 'token-2' });
    expect(seen).toEqual(['jwt-1', 'jwt-2']);
  });
});

describe('the source as a whole', () => {
  const login = serviceAt('https://login.microsoftonline.com/t/oauth2/v2.0/token', () => token());
  const reference = {
    from: 'azure',
    source: 'client_secret',
    tenant_id: 't',
    client_id: 'c',
    secret,
  } as const;
  const options = { secrets: { secret: 'canary-secret' }, services: [login] };

  it('makes one fetch for a hundred requests of a hundred providers that need the same', async () => {
    const { harness } = start(reference, options);
    for (const round of [1, 2]) {
      const reads = Array.from({ length: 100 }, () => harness.source.read(provider(reference)));
      expect(await Promise.all(reads)).toEqual(Array(100).fill(BEARER));
      expect(harness.sent).toHaveLength(round);
      harness.pass(3_600_000);
    }
  });

  it("goes by a provider's own proxy and authorities, and does not share what came by another way", async () => {
    const { harness } = start(reference, options);
    await harness.source.read(provider(reference, { proxy: 'direct', ca: 'PEM' }));
    await harness.source.read(provider(reference));
    expect(harness.sent.map(({ proxy, ca }) => [proxy, ca])).toEqual([
      ['direct', 'PEM'],
      [undefined, undefined],
    ]);
  });

  it('verifies by getting the token anew, a plain secret by looking for it', async () => {
    const { harness, target, read } = start(reference, options);
    await read();
    expect(await harness.source.verify(target)).toBeUndefined();
    expect(harness.sent).toHaveLength(2);
    harness.down = true;
    expect(await harness.source.verify(target)).toBe('unreachable');
    const missing = provider({ from: 'environment', name: 'NOT_THERE' });
    expect(await harness.source.verify(missing)).toBe('not_configured');
    expect(await harness.source.verify(provider({ from: 'none' }))).toBeUndefined();
    const evil = provider({ from: 'google', source: 'ambient' }, { base_url: 'https://evil.example' });
    expect(await harness.source.verify(evil)).toBe('host_not_allowed');
  });

  it('survives an outage with what it has, then says so, and comes back by itself', async () => {
    const { harness, target, read } = start(reference, options);
    const first = await read();
    harness.down = true;
    harness.pass(3_000_000);
    expect(read()).toBe(first);
    await new Promise((resolve) => setImmediate(resolve));
    expect(harness.problems).toEqual(['unreachable']);
    expect(harness.source.problem(target)).toBeUndefined();
    harness.pass(600_000);
    expect(await read()).toBeUndefined();
    expect(harness.source.problem(target)).toBe('unreachable');
    harness.down = false;
    harness.pass(60_000);
    expect(read()).toBeUndefined();
    await new Promise((resolve) => setImmediate(resolve));
    expect(read()).toEqual(BEARER);
    expect(harness.source.problem(target)).toBeUndefined();
  });
});
