import { expect, it } from 'vitest';
import { testSection } from '../gateway/snapshot/compile-test-sections.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { createTestSigner } from './test-control-plane.ts';
import { createMemoryFiles } from './test-surroundings.ts';

it('a section counts as stored only while it is whole, once something was found damaged', async () => {
  const files = createMemoryFiles();
  const store = new SnapshotStore(files, '/state/config', (await createTestSigner()).trust);
  const section = testSection('routes', { routes: [] });
  expect(await store.hasSection(section)).toBe(false);
  await store.writeSection(section, section.content);
  expect(await store.hasSection(section)).toBe(true);
  files.content.set(`/state/config/sections/${section.digest}`, section.content.subarray(1));
  store.forgetIntact();
  expect(await store.hasSection(section)).toBe(false);
});
