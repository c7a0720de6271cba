import type { ManifestSection } from '@bonito/protocol';
import { expect, it } from 'vitest';
import { type TestSection, testSection } from '../gateway/snapshot/compile-test-sections.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { createTestSigner } from './test-control-plane.ts';
import { createMemoryFiles, createTestTime } from './test-surroundings.ts';

const signer = await createTestSigner();
const MINUTE = 60_000;

/** Agents on one state folder. */
function sharedFolder() {
  const { clock, pass } = createTestTime();
  const files = createMemoryFiles(undefined, clock);
  const store = () => new SnapshotStore(files, '/state/config', signer.trust, clock);
  const has = (section: ManifestSection) => files.content.has(`/state/config/sections/${section.digest}`);
  return { files, store, pass, has };
}

async function commit(store: SnapshotStore, revision: number, sections: TestSection[]): Promise<void> {
  for (const section of sections)
    if (!(await store.hasSection(section))) await store.writeSection(section, section.content);
  const version = { epoch: 1, revision };
  const manifest = { ...version, organization: '', protocol: 1, issued_at: '', sections };
  const jws = await signer.sign(version, sections);
  await store.commit({ manifest, signingGeneration: 1, jws });
}

const section = (text: string) => testSection('routes', { routes: [text] });

it('a section counts as stored only while it is whole, once something was found damaged', async () => {
  const { files, store } = sharedFolder();
  const one = store();
  const routes = section('a');
  expect(await one.hasSection(routes)).toBe(false);
  await one.writeSection(routes, routes.content);
  expect(await one.hasSection(routes)).toBe(true);
  files.content.set(`/state/config/sections/${routes.digest}`, routes.content.subarray(1));
  one.forgetIntact();
  expect(await one.hasSection(routes)).toBe(false);
});

it('two agents on one folder: what one has just written outlives what the other removes', async () => {
  const { files, store, has, pass } = sharedFolder();
  const [first, second] = [store(), store()];
  const [old, next] = [section('old'), section('next')];
  await commit(second, 1, [old]);
  await first.writeSection(next, next.content);
  files.content.set('/state/config/sections/half.new', Buffer.from('being written'));
  await second.prune([old]);
  expect(has(next)).toBe(true);
  expect(files.content.has('/state/config/sections/half.new')).toBe(true);
  await commit(first, 2, [next]);
  await pass(3 * MINUTE);
  await first.prune([next]);
  expect([has(old), has(next)]).toEqual([false, true]);
});

it('two agents on one folder: an old section that one takes up again outlives what the other removes', async () => {
  const { store, has, pass } = sharedFolder();
  const [first, second] = [store(), store()];
  const [old, next] = [section('old'), section('next')];
  await commit(first, 1, [old]);
  await pass(MINUTE / 2);
  await commit(second, 2, [next]);
  await pass(10 * MINUTE);
  expect(await first.hasSection(old)).toBe(true);
  await second.prune([next]);
  expect(has(old)).toBe(true);
  await pass(3 * MINUTE);
  await second.prune([next]);
  expect(has(old)).toBe(false);
  expect(await first.hasSection(old)).toBe(false);
});

it('two agents on one folder: the one that is behind does not put the older manifest back', async () => {
  const { store } = sharedFolder();
  const [first, second] = [store(), store()];
  await commit(first, 5, [section('five')]);
  await commit(second, 4, [section('four')]);
  const third = store();
  const stored = await third.readManifest(await third.readFloor());
  expect(stored?.manifest.revision).toBe(5);
  expect(await third.readFloor()).toMatchObject({ version: { epoch: 1, revision: 5 } });
});

it('removes what a crash left half written, after an hour', async () => {
  const { files, store, pass } = sharedFolder();
  const routes = section('a');
  await commit(store(), 1, [routes]);
  const left = ['/state/config/sections/x.1.new', '/state/config/manifest.jws.2.new'];
  for (const path of left) await files.write(path, Buffer.from('half'));
  await pass(59 * MINUTE);
  await store().prune([routes]);
  expect(left.every((path) => files.content.has(path))).toBe(true);
  await pass(2 * MINUTE);
  await store().prune([routes]);
  expect(left.some((path) => files.content.has(path))).toBe(false);
  expect(files.content.has('/state/config/manifest.jws')).toBe(true);
});
