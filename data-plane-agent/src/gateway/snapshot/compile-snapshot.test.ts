import { ProtocolError, type Provider, sha256 } from '@bonito/protocol';
import { describe, expect, it } from 'vitest';
import { createPause } from './compile-pause.ts';
import { compileSnapshot } from './compile-snapshot.ts';
import {
  type TestOrganization,
  testId,
  testOrganization,
  testRequest,
  testSection,
  testSections,
} from './compile-test-sections.ts';

const compile = async (changes: Partial<TestOrganization> = {}) =>
  (await compileSnapshot(testRequest(testSections(testOrganization(changes))))).snapshot;

async function refusal(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProtocolError)) throw new Error(`was not refused by the protocol: ${String(error)}`);
  return { code: error.code, section: error.section, path: error.path };
}

const base = testOrganization();
const [provider] = base.providers as [Provider];
const [small, large] = base.deployments as [(typeof base.deployments)[0], (typeof base.deployments)[0]];
const [route] = base.routes as [(typeof base.routes)[0]];
const unknown = { type: 'moon_phase', phase: 'full' } as never;

describe('a compiled snapshot', () => {
  it('answers for models, routes, providers and keys', async () => {
    const snapshot = await compile();
    expect([...snapshot.models.keys()]).toEqual(['small', 'large', 'best']);
    expect(snapshot.models.get('best')?.targets.map((target) => target.deployment.name)).toEqual([
      'large',
      'small',
    ]);
    expect(snapshot.providers.get(provider.id)).toMatchObject({
      origin: 'https://one.example',
      basePath: '/v1',
      unusable: undefined,
    });
    expect(snapshot.principal(sha256('bn-free'))).toMatchObject({
      keyId: testId(4, 0),
      teamId: testId(5, 0),
      boundRoute: undefined,
      allowedModels: undefined,
      expiresAt: Number.POSITIVE_INFINITY,
      denied: false,
    });
    expect(snapshot.principal(sha256('rt-bound'))?.boundRoute).toBe(snapshot.models.get('best'));
    expect(snapshot.principal(sha256('bn-other'))).toBeUndefined();
    expect(snapshot.models.get('best')).toMatchObject({ strict: false, foreignState: 'shed' });
    expect(snapshot.secretCount).toBe(2);
    expect(snapshot.maxOfflineSeconds).toBe(Number.POSITIVE_INFINITY);
  });

  it('holds what a route does with what a target cannot take or did not issue', async () => {
    const { models } = await compile({ routes: [{ ...route, strict: true, foreign_state: 'error' }] });
    expect(models.get('best')).toMatchObject({ strict: true, foreignState: 'error' });
    expect(models.get('small')).toMatchObject({ strict: false, foreignState: 'shed' });
  });

  it('finds every key of many shards, and shares equal allow-lists', async () => {
    const keys = Array.from({ length: 300 }, (_, index) => ({
      sha256: sha256(`bn-${index}`),
      key_id: testId(4, index),
      restrictions: [{ type: 'models' as const, allow: ['small', 'best'] }],
    }));
    const snapshot = await compile({ keys, shards: 8 });
    expect(keys.map((key) => snapshot.principal(key.sha256)?.keyId)).toEqual(keys.map((key) => key.key_id));
    expect(new Set(keys.map((key) => snapshot.principal(key.sha256)?.allowedModels)).size).toBe(1);
  });

  it('intersects allow-lists and takes the earliest end', async () => {
    const [key] = base.keys;
    if (!key) throw new Error('no key');
    const snapshot = await compile({
      keys: [
        {
          ...key,
          restrictions: [
            { type: 'models', allow: ['small', 'large'] },
            { type: 'expires', at: '2027-01-01T00:00:00.000Z' },
            { type: 'models', allow: ['large', 'best'] },
            { type: 'expires', at: '2026-12-01T00:00:00.000Z' },
          ],
        },
      ],
    });
    const principal = snapshot.principal(key.sha256);
    expect([...(principal?.allowedModels ?? [])]).toEqual(['large']);
    expect(principal?.expiresAt).toBe(Date.parse('2026-12-01T00:00:00.000Z'));
  });
});

describe('what this version does not know', () => {
  it('denies the key, the organization, the deployment and the provider that it guards', async () => {
    const key = { sha256: sha256('bn-x'), key_id: testId(4, 7), restrictions: [unknown] };
    expect((await compile({ keys: [key] })).principal(key.sha256)?.denied).toBe(true);
    expect((await compile({ settings: [unknown] })).denied).toBe(true);
    const deployments = [{ ...small, restrictions: [unknown] }, large];
    const guarded = await compile({ deployments });
    expect(guarded.models.get('small')?.targets[0]?.unusable).toBe('restricted');
    expect(guarded.models.get('large')?.targets[0]?.unusable).toBeUndefined();
    const providers = await compile({ providers: [{ ...provider, restrictions: [unknown] }] });
    expect(providers.models.get('large')?.targets[0]?.unusable).toBe('restricted');
  });

  it('denies a key with an offline limit of its own, which a principal cannot hold', async () => {
    const key = { sha256: sha256('bn-x'), key_id: testId(4, 7) };
    const snapshot = await compile({
      keys: [{ ...key, restrictions: [{ type: 'max_offline', seconds: 60 }] }],
    });
    expect(snapshot.principal(key.sha256)?.denied).toBe(true);
  });

  it('makes a provider of another kind or with another source of credentials unusable, and no more', async () => {
    const kind = await compile({ providers: [{ ...provider, kind: 'telepathy' }] });
    expect(kind.models.get('small')?.targets[0]?.unusable).toBe('provider_kind_unknown');
    const credential = { from: 'tea_leaves' } as never;
    const source = await compile({ providers: [{ ...provider, credential }] });
    expect(source.models.get('small')?.targets[0]?.unusable).toBe('credential_source_unknown');
    const strategy = { type: 'astrology' } as never;
    expect((await compile({ routes: [{ ...route, strategy }] })).models.get('best')?.strategy.type).toBe(
      'unknown',
    );
  });

  it('leaves sections of a newer control plane alone', async () => {
    const request = testRequest([...testSections(base), testSection('guardrails', 'whatever')]);
    expect((await compileSnapshot(request)).snapshot.secretCount).toBe(2);
    expect(request.reads).not.toContain('guardrails');
  });
});

describe('restrictions of settings and providers', () => {
  it('narrow every model, by its own name', async () => {
    const snapshot = await compile({
      settings: [
        { type: 'models', allow: ['small'] },
        { type: 'expires', at: '2027-01-01T00:00:00.000Z' },
        { type: 'max_offline', seconds: 90 },
        { type: 'max_offline', seconds: 60 },
      ],
    });
    const expires = { type: 'expires', at: '2027-01-01T00:00:00.000Z' };
    expect(snapshot.models.get('small')?.restrictions).toEqual([expires]);
    expect(snapshot.models.get('best')?.restrictions).toEqual([{ type: 'models', allow: [] }, expires]);
    expect(snapshot.maxOfflineSeconds).toBe(60);
    expect(snapshot.denied).toBe(false);
  });

  it("become part of a deployment's own", async () => {
    const expires = { type: 'expires' as const, at: '2027-01-01T00:00:00.000Z' };
    const snapshot = await compile({ providers: [{ ...provider, restrictions: [expires] }] });
    expect(snapshot.models.get('small')?.targets[0]?.deployment.restrictions).toEqual([expires]);
    expect(snapshot.models.get('small')?.restrictions).toEqual([expires]);
  });
});

describe('references', () => {
  it('keep a deployment without its provider, unusable', async () => {
    const target = (await compile({ providers: [] })).models.get('small')?.targets[0];
    expect(target?.unusable).toBe('provider_missing');
    expect(target?.provider.config.id).toBe(provider.id);
  });

  it('keep a key without its route, and let it do nothing', async () => {
    const snapshot = await compile({ routes: [] });
    expect(snapshot.principal(sha256('rt-bound'))).toMatchObject({
      boundRoute: undefined,
      boundRouteMissing: true,
    });
  });

  it.each<[string, Partial<TestOrganization>, string]>([
    ['a route without its deployment', { deployments: [large] }, 'routes[0].targets[1].deployment_id'],
    ['a provider twice', { providers: [provider, provider] }, 'providers[1].id'],
    ['a deployment twice', { deployments: [small, large, small] }, 'deployments[2].id'],
    ['a route twice', { routes: [route, { ...route, name: 'other' }] }, 'routes[1].id'],
    [
      'a name of two deployments',
      { deployments: [small, { ...large, name: 'small' }] },
      'deployments[1].name',
    ],
    ['a name of a deployment and a route', { routes: [{ ...route, name: 'small' }] }, 'routes[0].name'],
    ['a hash twice', { keys: [...base.keys, ...base.keys] }, 'keys[2].sha256'],
  ])('refuse %s', async (_, changes, path) => {
    const request = testRequest(testSections(testOrganization(changes)));
    expect(await refusal(compileSnapshot(request))).toMatchObject({ code: 'section_inconsistent', path });
  });

  it('refuse a hash in the wrong shard', async () => {
    const sections = testSections(testOrganization({ shards: 2 }));
    const wrong = sha256('bn-free') < '8' ? 1 : 0;
    const [key] = base.keys;
    const swapped = sections.map((section) =>
      section.name === `keys/${wrong}-of-2` ? testSection(section.name, { keys: [key] }) : section,
    );
    expect(await refusal(compileSnapshot(testRequest(swapped)))).toMatchObject({
      code: 'section_inconsistent',
      section: `keys/${wrong}-of-2`,
      path: 'keys[0].sha256',
    });
  });
});

describe('the list of sections', () => {
  it.each([
    ['no providers', ['settings', 'deployments', 'routes', 'keys/0-of-1'], 'section_missing'],
    ['no keys', ['settings', 'providers', 'deployments', 'routes'], 'section_missing'],
    [
      'a shard too few',
      ['settings', 'providers', 'deployments', 'routes', 'keys/0-of-2'],
      'section_inconsistent',
    ],
    [
      'shards of two splits',
      ['settings', 'providers', 'deployments', 'routes', 'keys/0-of-2', 'keys/1-of-4'],
      'section_inconsistent',
    ],
    [
      'three shards',
      ['settings', 'providers', 'deployments', 'routes', 'keys/0-of-3', 'keys/1-of-3', 'keys/2-of-3'],
      'section_inconsistent',
    ],
    [
      'a shard of no name',
      ['settings', 'providers', 'deployments', 'routes', 'keys/all'],
      'section_inconsistent',
    ],
    [
      'a split section',
      ['settings', 'providers/a', 'deployments', 'routes', 'keys/0-of-1'],
      'section_inconsistent',
    ],
  ])('refuses %s', async (_, names, code) => {
    const contents = new Map(testSections(base).map((section) => [section.name, section.content]));
    const sections = names.map((name) => testSection(name, String(contents.get(name) ?? '{}')));
    expect(await refusal(compileSnapshot(testRequest(sections)))).toMatchObject({ code });
  });
});

describe('bytes', () => {
  const replaced = (name: string, content: string) =>
    testSections(base).map((section) => (section.name === name ? testSection(name, content) : section));

  it.each([
    ['settings', 'not json', undefined],
    ['providers', '{"providers":[{}]}', 'providers[0].id'],
    ['keys/0-of-1', '{"keys":{}}', 'keys'],
    ['keys/0-of-1', '{"keys":[{"sha256":"x"}]}', 'keys[0].sha256'],
    ['routes', '[]', ''],
    ['deployments', '"\ud800"', ''],
  ])('of %s that are malformed are refused with their place', async (name, content, path) => {
    expect(await refusal(compileSnapshot(testRequest(replaced(name, content))))).toEqual({
      code: 'section_malformed',
      section: name,
      path,
    });
  });

  it('that are not the signed ones are refused before they are parsed', async () => {
    const sections = testSections(base);
    const read = async () => Buffer.from('{');
    expect(await refusal(compileSnapshot(testRequest(sections, { read })))).toMatchObject({
      code: 'section_digest_mismatch',
      section: 'settings',
    });
  });
});

describe('compiling again', () => {
  it('reads only what changed and keeps the rest as it was', async () => {
    const first = await compileSnapshot(testRequest(testSections(testOrganization({ shards: 4 }))));
    const key = { sha256: sha256('bn-new'), key_id: testId(4, 9), restrictions: [] };
    const keys = [...base.keys, key];
    const request = testRequest(testSections(testOrganization({ shards: 4, keys })), { previous: first });
    const { snapshot } = await compileSnapshot(request);
    expect(request.reads).toHaveLength(1);
    expect(snapshot.models).toBe(first.snapshot.models);
    expect(snapshot.principal(key.sha256)?.keyId).toBe(testId(4, 9));
    expect(snapshot.remembered).not.toBe(first.snapshot.remembered);
  });

  it('binds keys to the new route objects when routes change, without reading keys again', async () => {
    const first = await compileSnapshot(testRequest(testSections(base)));
    const routes = [{ ...route, targets: [{ deployment_id: small.id }] }];
    const request = testRequest(testSections(testOrganization({ routes })), { previous: first });
    const { snapshot } = await compileSnapshot(request);
    expect(request.reads).toEqual(['routes']);
    expect(snapshot.principal(sha256('rt-bound'))?.boundRoute).toBe(snapshot.models.get('best'));
    expect(snapshot.models.get('best')?.targets).toHaveLength(1);
    expect(snapshot.principal(sha256('bn-free'))).toBe(first.snapshot.principal(sha256('bn-free')));
  });

  it('keeps the object of a provider that did not change', async () => {
    const first = await compileSnapshot(testRequest(testSections(base)));
    const providers = [provider, { ...provider, id: testId(1, 1), name: 'two' }];
    const sections = testSections(testOrganization({ providers }));
    const { snapshot } = await compileSnapshot(testRequest(sections, { previous: first }));
    expect(snapshot.providers.get(provider.id)).toBe(first.snapshot.providers.get(provider.id));
  });
});

describe('a pause', () => {
  it('is taken when a slice has lasted long enough, and starts a new slice', async () => {
    let now = 0;
    let turns = 0;
    const pause = createPause(
      () => now,
      async () => {
        turns += 1;
      },
    );
    expect(pause()).toBeUndefined();
    now = 2;
    await pause();
    expect(turns).toBe(1);
    expect(pause()).toBeUndefined();
  });
});
