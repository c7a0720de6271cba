import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '@bonito/protocol';
import { afterEach, expect, test } from 'vitest';
import { simulatedServer } from './fixtures/simulated-server.ts';
import { nodeInstanceLocks } from './instance-locks.ts';
import type { SpoolEvent } from './spool-ports.ts';
import { startSpool } from './start-spool.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(depth = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'spool-'));
  folders.push(folder);
  return join(folder, depth);
}

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const random = { id: newId, fraction: Math.random };

/** Starts the process, lets it note so many requests, kills it with SIGKILL and answers all that it said. */
async function runAndKill(stateDir: string, notes: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/killed-process.ts'), stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    if (said.split('\nnoted').length > notes) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return said.split('\n').slice(0, said.endsWith('\n') ? undefined : -1);
}

test.each([
  ['', 'a short path'],
  ['a-folder-whose-name-is-long/'.repeat(5), 'a path that is too long for a socket'],
])(
  'after kill -9 every noted request is there exactly once (%#)',
  async (depth) => {
    const stateDir = newFolder(depth);
    const said = await runAndKill(stateDir, 2_000);
    const idsOf = (word: string) =>
      said.filter((line) => line.startsWith(word)).map((line) => line.split(' ')[1]);
    const server = simulatedServer();
    const events: SpoolEvent[] = [];
    const spool = await startSpool({
      stateDir,
      clock,
      random,
      post: server.post(() => 'none'),
      report: (event) => events.push(event),
    });
    await spool.adoptNow();
    await spool.uploadNow();
    const records = server.applied.filter((record) => record.kind === 'usage');
    const outcomes = new Map(records.map((record) => [record.request_id, record.outcome]));
    expect(outcomes.size).toBe(records.length);
    expect(idsOf('noted').length).toBeGreaterThanOrEqual(2_000);
    for (const id of idsOf('noted')) expect(outcomes.has(id ?? '')).toBe(true);
    for (const id of idsOf('settled')) expect(outcomes.get(id ?? '')).toBe('success');
    expect(records.some((record) => record.outcome === 'unknown')).toBe(true);
    expect(server.lost()).toBe(0);
    expect(events).toContainEqual(expect.objectContaining({ type: 'stream_adopted', damagedLines: 0 }));
    expect(server.applied).toContainEqual(
      expect.objectContaining({ kind: 'audit', action: 'stream_adopted' }),
    );
    expect(spool.status()).toMatchObject({ records: 0, oldestAt: null, healthy: true });
    await spool.close(1_000);
  },
  60_000,
);

test('the lock of a living process holds, in its own and in other hands; that of a closed one does not', async () => {
  const parent = newFolder();
  const mine = nodeInstanceLocks(() => 0);
  const other = nodeInstanceLocks(() => 0);
  const id = newId();
  const lock = await mine.hold(parent, id);
  expect(await other.isDead(join(parent, id))).toBe(false);
  expect(lock.confirm()).toBe(true);
  lock.release();
  expect(await other.isDead(join(parent, id))).toBe(true);
});

test('two spools that start at once on what a dead one left: one adopts it, and nothing is counted twice', async () => {
  const stateDir = newFolder();
  const said = await runAndKill(stateDir, 300);
  const server = simulatedServer();
  const start = () =>
    startSpool({ stateDir, clock, random, post: server.post(() => 'none'), report: () => undefined });
  const spools = await Promise.all([start(), start(), start()]);
  await Promise.all(spools.map((spool) => spool.adoptNow()));
  await Promise.all(spools.map((spool) => spool.uploadNow()));
  const ids = server.applied.flatMap((record) => (record.kind === 'usage' ? record.request_id : []));
  expect(new Set(ids).size).toBe(ids.length);
  for (const line of said.filter((one) => one.startsWith('noted'))) expect(ids).toContain(line.split(' ')[1]);
  expect(server.applied.filter((record) => record.kind === 'audit')).toHaveLength(1);
  await Promise.all(spools.map((spool) => spool.close(1_000)));
}, 60_000);
