import {
  type DowngradeStep,
  formatVersionTag,
  type KeysSection,
  newId,
  parseSection,
  sectionKind,
  verifyManifest,
} from '@bonito/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenantTransaction } from '../db/transactions.ts';
import { createKey } from '../services/keys/create.ts';
import { deleteKey } from '../services/keys/delete.ts';
import { createKeySchema } from '../services/keys/keys.schemas.ts';
import { updateOrganization } from '../services/organizations/update.ts';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { configureSample } from '../testing/sample-organization.ts';
import { startTestReplica, type TestReplica } from '../testing/test-replica.ts';
import { nextShardCount, shardRange, shardsOf } from './key-shards.ts';
import { createManifestStore } from './manifest-store.ts';
import { changed } from './publish-change.ts';
import { raiseEpoch } from './raise-epoch.ts';
import { removeSuperseded } from './remove-superseded.ts';
import { readRevision, readSection } from './revision-rows.ts';

describeOnEachDatabase('publishing', (suite) => {
  let replica: TestReplica;
  beforeAll(async () => {
    replica = await startTestReplica(suite.open);
  });
  afterAll(() => replica.stop());

  const inside = <Result>(
    organizationId: string,
    work: Parameters<typeof tenantTransaction<Result>>[2],
  ): Promise<Result> => tenantTransaction(suite.open.database, organizationId, work);

  async function current(organizationId: string) {
    const row = await inside(organizationId, (transaction) => readRevision(transaction, organizationId));
    if (!row) throw new Error('nothing was published');
    return row;
  }

  /** Every key that the current sections name. */
  async function publishedKeys(organizationId: string): Promise<string[]> {
    return inside(organizationId, async (transaction) => {
      const row = await readRevision(transaction, organizationId);
      const ids: string[] = [];
      for (const { name, digest } of row?.sections ?? []) {
        if (sectionKind(name) !== 'keys') continue;
        const section = await readSection(transaction, organizationId, digest);
        const { keys }: KeysSection = parseSection('keys', name, section?.bytes ?? new Uint8Array());
        ids.push(...keys.map((key) => key.key_id));
      }
      return ids.sort();
    });
  }

  it('takes a revision for each change, and none where no byte changed', async () => {
    const { organizationId } = await replica.newAgent();
    const context = replica.context(organizationId);
    await configureSample(context);
    const before = await current(organizationId);
    await updateOrganization(context, { max_offline_seconds: 3_600 });
    const after = await current(organizationId);
    expect(after).toMatchObject({ epoch: 1, revision: before.revision + 1 });
    const moved = after.sections.filter(
      ({ digest }) => !before.sections.some((section) => section.digest === digest),
    );
    expect(moved.map(({ name }) => name)).toEqual(['settings']);
    await inside(organizationId, (transaction) =>
      changed(transaction, organizationId, ['settings', 'providers', 'deployments', 'routes', 'keys']),
    );
    expect(await current(organizationId)).toEqual(after);
  });

  it('loses no change of writers at once', async () => {
    const { organizationId } = await replica.newAgent();
    const context = replica.context(organizationId);
    const start = Array.from({ length: 12 }, (_, index) =>
      createKey(context, createKeySchema.parse({ name: `key ${index}` })),
    );
    const keys = await Promise.all(start);
    expect(await publishedKeys(organizationId)).toEqual(keys.map((key) => key.id).sort());
    const [first, ...rest] = keys;
    await Promise.all([
      deleteKey(context, first?.id ?? ''),
      createKey(context, createKeySchema.parse({ name: 'last' })),
    ]);
    const left = await publishedKeys(organizationId);
    expect(left).toHaveLength(12);
    expect(left).toEqual(expect.arrayContaining(rest.map((key) => key.id)));
  });

  it('moves one shard for one new key, and keeps every key when the number of shards grows', async () => {
    const { organizationId } = await replica.newAgent();
    const context = replica.context(organizationId);
    const now = new Date();
    const key_id = newId();
    const row = (index: number) => ({
      org_id: organizationId,
      key_id,
      sha256: index.toString(16).padStart(4, '0').padEnd(64, '0'),
      hint: 'bn-***',
      created_at: now,
      expires_at: index === 0 ? null : new Date(now.getTime() + 3_600_000),
    });
    await inside(organizationId, async (transaction) => {
      await transaction
        .insertInto('keys')
        .values({
          org_id: organizationId,
          id: key_id,
          name: 'many',
          tags: '{}',
          created_at: now,
          updated_at: now,
        })
        .execute();
      // Spread over the whole range of hashes.
      const rows = Array.from({ length: 4_100 }, (_, index) => row(index * 15));
      for (let from = 0; from < rows.length; from += 500)
        await transaction
          .insertInto('key_secrets')
          .values(rows.slice(from, from + 500))
          .execute();
      await changed(transaction, organizationId, ['keys']);
    });
    const before = await current(organizationId);
    const shards = before.sections.filter(({ name }) => sectionKind(name) === 'keys');
    expect(shards.map(({ name }) => name)).toEqual([0, 1, 2, 3].map((shard) => `keys/${shard}-of-4`));
    expect(await publishedKeys(organizationId)).toHaveLength(4_100);
    await createKey(context, createKeySchema.parse({ name: 'one more' }));
    const after = await current(organizationId);
    const moved = after.sections.filter(
      ({ digest }) => !before.sections.some((section) => section.digest === digest),
    );
    expect(moved).toHaveLength(1);
    expect(await publishedKeys(organizationId)).toHaveLength(4_101);
  });

  it('keeps what was superseded for a day', async () => {
    const { organizationId } = await replica.newAgent();
    await configureSample(replica.context(organizationId));
    const before = await current(organizationId);
    await updateOrganization(replica.context(organizationId), { max_offline_seconds: 60 });
    const digest = before.sections.find(({ name }) => name === 'settings')?.digest ?? '';
    const read = () =>
      inside(organizationId, (transaction) => readSection(transaction, organizationId, digest));
    await removeSuperseded(suite.open.database);
    expect(await read()).toMatchObject({ name: 'settings' });
    await inside(organizationId, (transaction) =>
      transaction
        .updateTable('config_sections')
        .set({ superseded_at: new Date(Date.now() - 25 * 3_600_000) })
        .where('digest', '=', digest)
        .execute(),
    );
    await removeSuperseded(suite.open.database);
    expect(await read()).toBeUndefined();
  });

  it('speaks older protocols by sections of their own', async () => {
    const { organizationId } = await replica.newAgent();
    await configureSample(replica.context(organizationId));
    const step: DowngradeStep = (sections) => new Map([...sections].filter(([name]) => name !== 'routes'));
    const store = createManifestStore({
      database: suite.open.database,
      keys: replica.keys,
      newest: 2,
      steps: new Map([[2, step]]),
    });
    const version = await current(organizationId);
    const { jws } = await store.manifest(organizationId, 1, version);
    const { manifest } = await verifyManifest(jws, {
      organization: organizationId,
      rootFingerprint: replica.keys.rootFingerprint,
      protocol: 1,
    });
    expect(manifest.protocol).toBe(1);
    expect(manifest.sections.map(({ name }) => name)).not.toContain('routes');
    for (const { digest, bytes } of manifest.sections) {
      const section = await inside(organizationId, (transaction) =>
        readSection(transaction, organizationId, digest),
      );
      expect(section?.bytes.length).toBe(bytes);
    }
    await expect(store.manifest(organizationId, 0, version)).rejects.toThrow(RangeError);
  });

  it('raises the epoch of every organization, audited, and agents take the result as newer', async () => {
    const agent = await replica.newAgent();
    await configureSample(replica.context(agent.organizationId));
    const before = await current(agent.organizationId);
    const { epoch } = await raiseEpoch(suite.open.database, { atLeast: 5 });
    expect(epoch).toBeGreaterThanOrEqual(5);
    expect(await current(agent.organizationId)).toMatchObject({ epoch, revision: before.revision });
    const answer = await replica.get(agent, '/config', { 'if-none-match': formatVersionTag(before) });
    const verified = await verifyManifest(await answer.text(), {
      organization: agent.organizationId,
      rootFingerprint: replica.keys.rootFingerprint,
      protocol: 1,
      atLeast: { epoch: 1, revision: 1_000 },
    });
    expect(verified.manifest.epoch).toBe(epoch);
    const entries = await inside(agent.organizationId, (transaction) =>
      transaction.selectFrom('audit_log').select('after').where('action', '=', 'epoch.raise').execute(),
    );
    expect(entries).toEqual([{ after: { epoch, revision: before.revision } }]);
    expect((await raiseEpoch(suite.open.database)).epoch).toBe(epoch + 1);
  });
});

describe('key shards', () => {
  it('cover every hash once', () => {
    for (const shards of [1, 2, 64, 4_096]) {
      const ranges = Array.from({ length: shards }, (_, shard) => shardRange(shard, shards));
      expect(ranges[0]?.first).toBe('00000000');
      expect(ranges.at(-1)?.end).toBeNull();
      expect(ranges.slice(1).map(({ first }) => first)).toEqual(ranges.slice(0, -1).map(({ end }) => end));
      for (const hash of [
        '0'.repeat(64),
        `7fffffff${'f'.repeat(56)}`,
        `80000000${'0'.repeat(56)}`,
        'f'.repeat(64),
      ]) {
        const range = ranges[shardsOf([hash], shards)[0] ?? -1];
        expect(range && hash >= range.first && (range.end === null || hash < range.end)).toBe(true);
      }
    }
  });

  it('grow at once and shrink late', () => {
    expect(nextShardCount(2_001, 1)).toBe(2);
    expect(nextShardCount(1_999, 2)).toBe(2);
    expect(nextShardCount(999, 2)).toBe(1);
    expect(nextShardCount(0, null)).toBe(1);
  });
});
