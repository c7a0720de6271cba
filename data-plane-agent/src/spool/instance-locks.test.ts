import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeInstanceLocks } from './instance-locks.ts';

const ID = '01932b5e-0000-7000-8000-000000000001';
let parent = '';
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'locks-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** As a host sees it that shares the volume but not the kernel: the socket proves nothing there. */
function pretendOtherKernel(folder: string): void {
  const path = join(folder, 'beat');
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^\S+/, 'another-kernel'));
}

test('under another kernel an owner is dead when its beat stood still for a minute of the watcher', async () => {
  let now = 0;
  const lock = await nodeInstanceLocks(() => 0).hold(parent, ID);
  const watcher = nodeInstanceLocks(() => now);
  const folder = join(parent, ID);
  pretendOtherKernel(folder);
  expect(await watcher.isDead(folder)).toBe(false);
  now = 59_999;
  expect(await watcher.isDead(folder)).toBe(false);
  now = 60_000;
  expect(await watcher.isDead(folder)).toBe(true);
  writeFileSync(join(folder, 'beat'), 'another-kernel socket beats again');
  expect(await watcher.isDead(folder)).toBe(false);
  lock.release();
});

test('an owner that stood still finds out whether its folder was taken', async () => {
  let now = 0;
  const lock = await nodeInstanceLocks(() => now).hold(parent, ID);
  now = 40_000;
  expect(lock.confirm()).toBe(true);
  now = 80_000;
  rmSync(join(parent, ID), { recursive: true });
  expect(lock.confirm()).toBe(false);
  lock.release();
});

test('a folder without a beat is not taken for dead at once', async () => {
  expect(await nodeInstanceLocks(() => 0).isDead(join(parent, 'nothing'))).toBe(false);
});
