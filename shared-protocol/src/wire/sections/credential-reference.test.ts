import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configurableCredentialSchema, credentialReferenceSchema } from './credential-reference.ts';

const file = { from: 'file', name: 'key.json' } as const;
const role = {
  arn: 'arn:aws:iam::123456789012:role/bedrock-caller',
  external_id: 'tenant:1',
  session_name: 'bonito',
  tags: { team: 'research' },
  duration_seconds: 3600,
};

const WHOLE = [
  { from: 'none' },
  { from: 'environment', name: 'OPENAI_API_KEY' },
  file,
  { from: 'aws', source: 'default' },
  {
    from: 'aws',
    source: 'static',
    secret: file,
    roles: [role, { arn: 'arn:aws-cn:iam::123456789012:role/a/b' }],
  },
  {
    from: 'aws',
    source: 'instance',
    sts_region: 'eu-central-1',
    sts_url: 'https://vpce-1.sts.eu-central-1.vpce.amazonaws.com',
  },
  {
    from: 'azure',
    source: 'client_secret',
    tenant_id: 't',
    client_id: 'c',
    secret: file,
    scope: 'https://ai.azure.com/.default',
  },
  { from: 'azure', source: 'workload_identity', authority_url: 'http://127.0.0.1:4711' },
  { from: 'azure', source: 'managed_identity' },
  {
    from: 'google',
    source: 'service_account',
    secret: file,
    scopes: ['https://www.googleapis.com/auth/cloud-platform'],
  },
  { from: 'google', source: 'ambient' },
  {
    from: 'federation',
    source: 'openai',
    secret: file,
    identity_provider_id: 'idp_1',
    service_account_id: 'sa',
  },
  {
    from: 'federation',
    source: 'anthropic',
    secret: file,
    federation_rule_id: 'fdrl_1',
    organization_id: 'o',
  },
];

describe('credentials', () => {
  it.each(WHOLE)('%j may be configured, and agents read it as it is', (reference) => {
    expect(configurableCredentialSchema.parse(reference)).toEqual(reference);
    expect(credentialReferenceSchema.parse(reference)).toEqual(reference);
  });

  it.each([
    { from: 'vault', path: 'x' },
    { from: 'aws', source: 'sso' },
    { from: 'federation', source: 'mistral' },
  ])('%j is a source of a later version, and read as unknown', (reference) => {
    expect(credentialReferenceSchema.parse(reference)).toEqual({ from: 'unknown' });
    expect(configurableCredentialSchema.safeParse(reference).success).toBe(false);
  });

  it.each([
    [{ from: 'aws', source: 'static' }, 'secret'],
    [{ from: 'azure', source: 'client_secret', tenant_id: 't', client_id: 'c' }, 'secret'],
    [{ from: 'google', source: 'service_account' }, 'secret'],
    [{ from: 'federation', source: 'openai', secret: file, service_account_id: 's' }, 'identity_provider_id'],
    [{ from: 'federation', source: 'anthropic', secret: file, organization_id: 'o' }, 'federation_rule_id'],
  ])('%j lacks %s, which is said to whoever writes it', (reference, field) => {
    expect(configurableCredentialSchema.safeParse(reference).error?.issues[0]?.path).toEqual([field]);
    expect(credentialReferenceSchema.safeParse(reference).success).toBe(true);
  });

  it('ignores unknown fields when agents read, at every depth, and refuses them when people write', () => {
    const more = {
      from: 'aws',
      source: 'static',
      secret: { ...file, more: 1 },
      roles: [{ ...role, more: 1 }],
      more: 1,
    };
    expect(credentialReferenceSchema.parse(more)).toEqual({
      from: 'aws',
      source: 'static',
      secret: file,
      roles: [role],
    });
    const issues = configurableCredentialSchema.safeParse(more).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toEqual(
      expect.arrayContaining(['secret', 'roles.0', '']),
    );
  });

  const azure = { from: 'azure', source: 'managed_identity' };
  it.each([
    { ...azure, authority_url: 'http://login.example' },
    { ...azure, authority_url: 'http://127.0.0.1.evil.example' },
    { ...azure, authority_url: 'http://localhost@evil.example' },
    { ...azure, authority_url: 'https://user:secret@login.example' },
    { ...azure, authority_url: 'https://login.example/?tenant=x' },
    { ...azure, authority_url: 'file:///etc/passwd' },
    { ...azure, tenant_id: '../other' + ' ' },
    { ...azure, tenant_id: 'x?y' },
    { ...azure, scope: 'two scopes' },
    { from: 'aws', source: 'default', roles: [{ arn: 'arn:aws:iam::1:role/x' }] },
    { from: 'aws', source: 'default', roles: [{ ...role, duration_seconds: 60 }] },
    { from: 'aws', source: 'default', sts_region: 'eu-central-1.evil.example/' },
    { from: 'aws', source: 'default', roles: [{ ...role, tags: { a: 'x'.repeat(257) } }] },
    { from: 'aws', source: 'static', secret: { from: 'file', name: '../../etc/shadow' } },
  ])('refuses %j', (reference) => {
    expect(configurableCredentialSchema.safeParse(reference).success).toBe(false);
    expect(credentialReferenceSchema.safeParse(reference).success).toBe(false);
  });

  it('can be described in an API document', () => {
    expect(JSON.stringify(z.toJSONSchema(configurableCredentialSchema))).toContain('web_identity');
  });
});
