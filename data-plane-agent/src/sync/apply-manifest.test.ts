import {
  keysSectionName,
  type Manifest,
  type ManifestSection,
  PROTOCOL_VERSION,
  sha256,
  shardOf,
} from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type TestSection,
  testId,
  testOrganization,
  testSection,
  testSections,
} from '../gateway/snapshot/compile-test-sections.ts';
import { Applier } from './apply-manifest.ts';
import { ConfigHolder } from './config-holder.ts';
import { ControlPlaneError } from './control-plane-error.ts';
import { SnapshotStore } from './snapshot-store.ts';
import type { StateFiles } from './state-files.ts';
import { createTestSigner, TEST_TIME } from './test-control-plane.ts';
import { createMemoryFiles, createTestTime } from './test-surroundings.ts';

const signal = new AbortController().signal;
const signer = await createTestSigner();
const other = testOrganization();

/** A revision that can be told from every other one: by a key of its own. */
function revision(number: number): TestSection[] {
  const keys = [{ sha256: sha256(`bn-${number}`), key_id: testId(4, number), restrictions: [] }];
  return testSections({ ...other, keys, shards: 2 });
}

function sign(number: number, changes: Partial<Manifest> = {}, epoch = 1) {
  return signer.sign({ epoch, revision: number }, revision(number), changes);
}

/** An agent's part that applies, over a disk; sections come from where `served` says. */
function start(files: StateFiles = createMemoryFiles(), trust = signer.trust, { clock } = createTestTime()) {
  const holder = new ConfigHolder(clock);
  const fetched: string[] = [];
  const served = new Map<string, Buffer>();
  const offer = (sections: readonly TestSection[]) => {
    for (const section of sections) served.set(section.digest, section.content);
  };
  for (let number = 0; number < 12; number++) offer(revision(number));
  const fetch = async (section: ManifestSection) => {
    fetched.push(section.name);
    const content = served.get(section.digest);
    if (!content) throw new ControlPlaneError('not_found', { what: 'it' });
    return content;
  };
  const store = new SnapshotStore(files, '/state/config', trust, clock);
  const applier = new Applier({ trust, store, holder, clock, fetch });
  return { applier, holder, fetched, served, offer, apply: (jws: string) => applier.apply(jws, signal) };
}

describe('applying a manifest', () => {
  it('serves it, and then fetches only what changed', async () => {
    const agent = start();
    expect(await agent.apply(await sign(1))).toEqual({
      outcome: 'applied',
      version: { epoch: 1, revision: 1 },
    });
    expect(agent.fetched).toHaveLength(6);
    expect(agent.holder.snapshot?.principal(sha256('bn-1'))?.keyId).toBe(testId(4, 1));
    agent.fetched.length = 0;
    await agent.apply(await sign(2));
    expect(agent.fetched.every((name) => name.startsWith('keys/'))).toBe(true);
    expect(agent.holder.snapshot?.principal(sha256('bn-1'))).toBeUndefined();
  });

  it('does nothing for the one that is being served', async () => {
    const agent = start();
    await agent.apply(await sign(1));
    const before = agent.holder.snapshot;
    expect(await agent.apply(await sign(1))).toMatchObject({ outcome: 'unchanged' });
    expect(agent.holder.snapshot).toBe(before);
  });

  it('takes another form of the same revision, as after an update of the agent', async () => {
    const agent = start();
    await agent.apply(await sign(1));
    agent.offer(revision(1));
    const jws = await signer.sign({ epoch: 1, revision: 1 }, revision(2));
    expect(await agent.apply(jws)).toMatchObject({ outcome: 'applied' });
  });

  it('takes a lower revision of a higher epoch', async () => {
    const agent = start();
    await agent.apply(await sign(7));
    expect(await agent.apply(await sign(2, {}, 2))).toMatchObject({ outcome: 'applied' });
  });
});

describe('promise 4: the last good configuration is kept', () => {
  const replace = (number: number, name: string, content: string) =>
    revision(number).map((section) => (section.name === name ? testSection(name, content) : section));
  /** The shard that revision 2's own key stands in. */
  const shard = keysSectionName(shardOf(sha256('bn-2'), 2), 2);
  const bad: [
    string,
    () => Promise<{ jws: string; sections?: TestSection[]; drop?: string; cut?: string }>,
    object,
  ][] = [
    [
      'a bad signature',
      async () => {
        const [header, , signature] = (await strong(2)).split('.');
        const payload = (await strong(3)).split('.')[1];
        return { jws: `${header}.${payload}.${signature}` };
      },
      { code: 'signature_invalid' },
    ],
    [
      'another root',
      async () => ({
        jws: await (await createTestSigner({ root: 'stranger' })).sign(
          { epoch: 1, revision: 2 },
          revision(2),
        ),
      }),
      { code: 'signing_key_untrusted' },
    ],
    [
      'an older signing key',
      async () => ({
        jws: await (await createTestSigner({ generation: 1 })).sign({ epoch: 1, revision: 9 }, revision(9)),
      }),
      { code: 'signing_key_untrusted' },
    ],
    ['no manifest at all', async () => ({ jws: '<html>sign in</html>' }), { code: 'manifest_malformed' }],
    ['an older revision', async () => ({ jws: await strong(0) }), { code: 'manifest_older' }],
    ['an older epoch', async () => ({ jws: await strong(9, {}, 1) }), { code: 'manifest_older' }],
    [
      'another organization',
      async () => ({ jws: await strong(2, { organization: testId(9, 1) }) }),
      { code: 'manifest_for_another_organization' },
    ],
    [
      'a newer protocol',
      async () => ({ jws: await strong(2, { protocol: PROTOCOL_VERSION + 1 }) }),
      { code: 'protocol_unsupported' },
    ],
    [
      'a section that is gone',
      async () => ({ jws: await strong(2), drop: shard }),
      { code: 'section_missing', section: shard },
    ],
    [
      'a truncated section',
      async () => ({ jws: await strong(2), cut: shard }),
      { code: 'section_digest_mismatch', section: shard },
    ],
    [
      'a malformed section',
      async () => {
        const sections = replace(2, 'routes', '{"routes":[{"id":7}]}');
        return { jws: await strong(2, {}, 2, sections), sections };
      },
      { code: 'section_malformed', section: 'routes', path: 'routes[0].id' },
    ],
    [
      'sections that do not fit together',
      async () => {
        const sections = replace(2, 'deployments', '{"deployments":[]}');
        return { jws: await strong(2, {}, 2, sections), sections };
      },
      { code: 'section_inconsistent', section: 'routes' },
    ],
  ];

  /** By a second signing key, as the agent in these tests was served before. */
  async function strong(
    number: number,
    changes: Partial<Manifest> = {},
    epoch = 2,
    sections = revision(number),
  ) {
    const second = await createTestSigner({ signing: 'second', generation: 2 });
    return second.sign({ epoch, revision: number }, sections, changes);
  }

  it.each(bad)('after %s', async (_, make, rejection) => {
    const files = createMemoryFiles();
    const agent = start(files);
    expect(await agent.apply(await strong(1))).toMatchObject({ outcome: 'applied' });
    const { jws, sections, drop, cut } = await make();
    if (sections) agent.offer(sections);
    for (const section of revision(2)) {
      if (section.name === drop) agent.served.delete(section.digest);
      if (section.name === cut) agent.served.set(section.digest, section.content.subarray(1));
    }
    const before = agent.holder.snapshot;
    const result = await agent.apply(jws);
    expect(result).toMatchObject({ outcome: 'rejected', rejection: { ...rejection, at: TEST_TIME } });
    expect(agent.holder.snapshot).toBe(before);
    const again = start(files);
    expect(await again.applier.restore(signal)).toMatchObject({ version: { epoch: 2, revision: 1 } });
    expect(again.fetched).toEqual([]);
    expect(await again.apply(await strong(3))).toMatchObject({ outcome: 'applied' });
  });

  it('and an unknown restriction denies what it guards', async () => {
    const agent = start();
    const sections = replace(1, 'settings', '{"restrictions":[{"type":"moon_phase"}]}');
    agent.offer(sections);
    await agent.apply(await signer.sign({ epoch: 1, revision: 1 }, sections));
    expect(agent.holder.snapshot?.denied).toBe(true);
  });

  it('does not gather sections of refused revisions on the disk', async () => {
    const time = createTestTime();
    const files = createMemoryFiles(undefined, time.clock);
    const agent = start(files, signer.trust, time);
    await agent.apply(await sign(1));
    const count = files.content.size;
    for (let number = 2; number < 30; number++) {
      const sections = replace(number, 'routes', `{"routes":${number}}`);
      agent.offer(sections);
      await agent.apply(await signer.sign({ epoch: 1, revision: number }, sections));
      await time.pass(60_000);
    }
    expect(files.content.size).toBeLessThan(4 * count);
  });

  it('when the disk fails between any two writes: then and at the next start', async () => {
    let writes = 0;
    for (let failAt = 1; ; failAt++) {
      const disk = createMemoryFiles();
      const first = start(disk);
      await first.apply(await sign(1));
      const before = disk.changes;
      const broken = createMemoryFiles(() => broken.changes > failAt);
      for (const [path, bytes] of disk.content) broken.content.set(path, bytes);
      const agent = start(broken);
      await agent.applier.restore(signal);
      const result = await agent.apply(await sign(2));
      const served = agent.holder.snapshot?.version.revision;
      expect(served).toBe(result.outcome === 'applied' ? 2 : 1);
      if (result.outcome === 'rejected') expect(result.rejection.code).toBe('storage_failed');

      const repaired = createMemoryFiles();
      for (const [path, bytes] of broken.content) repaired.content.set(path, bytes);
      const next = start(repaired);
      const restored = await next.applier.restore(signal);
      expect(restored?.outcome).toBe('applied');
      expect(next.holder.snapshot?.version.revision).toBeGreaterThanOrEqual(served ?? 0);
      writes = Math.max(writes, before);
      if (broken.changes <= failAt) break;
    }
    expect(writes).toBeGreaterThan(10);
  });
});

describe('a start', () => {
  it('without a stored configuration serves none', async () => {
    const agent = start();
    expect(await agent.applier.restore(signal)).toBeUndefined();
    expect(agent.holder.snapshot).toBeUndefined();
  });

  it('with a damaged section says so, and fetches that section only', async () => {
    const files = createMemoryFiles();
    await start(files).apply(await sign(3));
    const damaged = revision(3).find((section) => section.name === 'routes');
    files.content.set(`/state/config/sections/${damaged?.digest}`, Buffer.from('{}'));
    const agent = start(files);
    expect(await agent.applier.restore(signal)).toMatchObject({
      rejection: { code: 'section_digest_mismatch', section: 'routes', revision: 3 },
    });
    expect(await agent.apply(await sign(2))).toMatchObject({ rejection: { code: 'manifest_older' } });
    expect(await agent.apply(await sign(3))).toMatchObject({ outcome: 'applied' });
    expect(agent.fetched).toEqual(['routes']);
  });

  it('with a damaged manifest sets it aside, and still takes no older one', async () => {
    const files = createMemoryFiles();
    await start(files).apply(await sign(3));
    files.content.set('/state/config/manifest.jws', Buffer.from('damaged'));
    const agent = start(files);
    expect(await agent.applier.restore(signal)).toMatchObject({ rejection: { code: 'manifest_malformed' } });
    expect(files.content.has('/state/config/manifest.jws.refused')).toBe(true);
    expect(await agent.apply(await sign(2))).toMatchObject({ rejection: { code: 'manifest_older' } });
    expect(await agent.apply(await sign(3))).toMatchObject({ outcome: 'applied' });
  });

  it('does not serve an older manifest that was put into the folder', async () => {
    const files = createMemoryFiles();
    const agent = start(files);
    await agent.apply(await sign(2));
    const old = new Map(files.content);
    await agent.apply(await sign(3));
    for (const [path, bytes] of old) if (!path.endsWith('floor.json')) files.content.set(path, bytes);
    const next = start(files);
    expect(await next.applier.restore(signal)).toMatchObject({ rejection: { code: 'manifest_older' } });
    expect(next.holder.snapshot).toBeUndefined();
  });

  it("does not serve another organization's configuration, nor is held back by its version", async () => {
    const files = createMemoryFiles();
    await start(files).apply(await sign(9));
    const stranger = await createTestSigner({ root: 'stranger' });
    const agent = start(files, stranger.trust);
    expect(await agent.applier.restore(signal)).toMatchObject({
      rejection: { code: 'signing_key_untrusted' },
    });
    expect(await agent.apply(await stranger.sign({ epoch: 1, revision: 1 }, revision(1)))).toMatchObject({
      outcome: 'applied',
    });
  });
});

it('promise 4: whatever comes in whatever order, with restarts, what is served never goes back and is always whole', async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ epoch: fc.integer({ min: 1, max: 2 }), number: fc.integer({ min: 0, max: 9 }) }),
    },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
    { weight: 1, arbitrary: fc.constant('forged' as const) },
    { weight: 1, arbitrary: fc.constant('lost section' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
      const files = createMemoryFiles();
      let agent = start(files);
      let highest = { epoch: 0, revision: 0 };
      for (const now of steps) {
        if (now === 'restart') {
          agent = start(files);
          await agent.applier.restore(signal);
        } else if (now === 'forged') {
          const stranger = await createTestSigner({ root: 'stranger' });
          await agent.apply(await stranger.sign({ epoch: 9, revision: 9 }, revision(9)));
        } else if (now === 'lost section') {
          await agent.apply(await signer.sign({ epoch: 2, revision: 11 }, revision(99)));
        } else await agent.apply(await sign(now.number, {}, now.epoch));
        const served = agent.holder.snapshot?.version ?? highest;
        expect(served.epoch * 100 + served.revision).toBeGreaterThanOrEqual(
          highest.epoch * 100 + highest.revision,
        );
        highest = served;
        const key = agent.holder.snapshot?.principal(sha256(`bn-${served.revision}`));
        expect(key?.keyId).toBe(agent.holder.snapshot ? testId(4, served.revision) : undefined);
        expect(agent.holder.snapshot?.secretCount ?? 1).toBe(1);
      }
    }),
    { numRuns: 60 },
  );
});
