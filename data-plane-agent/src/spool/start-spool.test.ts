import { expect, test } from 'vitest';
import { newVolume, type Volume } from './fixtures/simulated-disk.ts';
import {
  attemptOf,
  idFrom,
  recordOf,
  seeded,
  simulatedLocks,
  simulatedTime,
  startProcess,
} from './fixtures/simulated-host.ts';
import { type Fault, simulatedServer } from './fixtures/simulated-server.ts';
import type { SpoolPost } from './spool-ports.ts';
import type { SpoolOptions } from './start-spool.ts';

function world(limits: Partial<SpoolOptions> = {}) {
  const fraction = seeded(7);
  const time = simulatedTime();
  const volume: Volume = newVolume();
  const locks = simulatedLocks();
  const start = (post?: SpoolPost) =>
    startProcess({ volume, time, locks, fraction, limits, ...(post && { post }) });
  const newUsage = (cost = 5) => recordOf(idFrom(fraction), idFrom(fraction), time.clock.now(), [cost]);
  return { fraction, time, volume, start, newUsage };
}

function corrupt(volume: Volume, text: string): void {
  for (const file of volume.files.values()) {
    const at = file.data.indexOf(text);
    if (at >= 0) file.data[at] = (file.data[at] ?? 0) ^ 1;
  }
}

test('a damaged line in the middle is skipped, reported as lost, and holds nothing up', async () => {
  const { volume, start, newUsage } = world();
  const server = simulatedServer();
  const first = await start();
  const records = [newUsage(), newUsage(), newUsage()];
  for (const record of records) first.spool.sink.settle(record);
  await first.drive(first.spool.flush());
  first.disk.kill();
  corrupt(volume, records[1]?.id ?? '');
  const second = await start(server.post(() => 'none'));
  await second.drive(second.spool.adoptNow());
  await second.drive(second.spool.uploadNow());
  await second.drive(second.spool.uploadNow());
  const ids = server.applied.flatMap((record) => (record.kind === 'usage' ? record.id : []));
  expect(ids).toEqual([records[0]?.id, records[2]?.id]);
  expect(second.spool.status()).toMatchObject({ lost: 1, records: 0 });
  expect(second.events).toContainEqual(expect.objectContaining({ type: 'stream_adopted', damagedLines: 1 }));
});

test('a record that the control plane refuses for itself is put aside, and the others arrive', async () => {
  const { volume, start, newUsage } = world();
  const server = simulatedServer();
  const bad = newUsage(999_999);
  const post: SpoolPost = async (path, body, headers) => {
    const { gunzipSync } = await import('node:zlib');
    const refused = gunzipSync(body).includes(bad.id);
    return refused
      ? { status: 422, headers: {}, body: Buffer.alloc(0) }
      : server.post(() => 'none')(path, body, headers);
  };
  const { spool, drive, events } = await start(post);
  for (let n = 0; n < 9; n += 1) spool.sink.settle(n === 4 ? bad : newUsage());
  await drive(spool.uploadNow());
  expect(server.applied).toHaveLength(8);
  expect(events).toContainEqual({ type: 'record_refused', status: 422 });
  expect(volume.files.get('/state/spool/quarantine.log')?.data.toString('utf8')).toContain(bad.id);
  await drive(spool.uploadNow());
  expect(spool.status()).toMatchObject({ records: 0, lost: 1 });
});

test.each(['refused', 'too-large', 'unauthorized', 'broken'] as Fault[])(
  'while everything is %s nothing is given up, and all arrives afterwards',
  async (fault) => {
    const { time, start, newUsage } = world();
    const server = simulatedServer();
    let now = fault;
    const { spool, drive, runTimers } = await start(server.post(() => now));
    for (let n = 0; n < 5; n += 1) spool.sink.settle(newUsage());
    for (let n = 0; n < 4; n += 1) await drive(spool.uploadNow());
    expect(server.applied).toHaveLength(0);
    expect(spool.status().records).toBe(5);
    now = 'none';
    time.pass(60_000);
    runTimers();
    await drive(spool.uploadNow());
    expect(server.applied).toHaveLength(5);
    expect(server.lost()).toBe(0);
  },
);

test('records go out by themselves within about a second, and acknowledged segments leave the disk', async () => {
  const { time, start, newUsage } = world({ spoolLimitBytes: 32_000 });
  const server = simulatedServer();
  const { spool, drive, runTimers } = await start(server.post(() => 'none'));
  for (let n = 0; n < 20; n += 1) {
    spool.sink.settle(newUsage());
    for (const milliseconds of [100, 1_000]) {
      await drive(new Promise((resolve) => setImmediate(resolve)));
      time.pass(milliseconds);
      runTimers();
    }
    await drive(new Promise((resolve) => setTimeout(resolve, 5)));
  }
  await drive(spool.uploadNow());
  expect(server.applied).toHaveLength(20);
  expect(spool.status().bytes).toBeLessThan(6_000);
});

test('a volume that cannot be written from the start: requests go on, memory is bounded, money arrives', async () => {
  const { start, newUsage, fraction, time } = world({
    memoryLimitRecords: 10,
    locks: { hold: () => Promise.reject(new Error('EROFS')), isDead: async () => false },
  });
  const server = simulatedServer();
  let fault: Fault = 'lost-request';
  const { spool, drive, turn, events } = await start(server.post(() => fault));
  let noted = 0;
  for (let n = 0; n < 50; n += 1) {
    spool.sink.open(attemptOf(idFrom(fraction), time.clock.now()), () => {
      noted += 1;
    });
    spool.sink.settle(newUsage(3));
  }
  turn();
  expect(noted).toBe(50);
  expect(spool.status().healthy).toBe(false);
  expect(spool.status().records).toBeLessThanOrEqual(11);
  expect(events).toContainEqual(expect.objectContaining({ type: 'disk_failed' }));
  fault = 'none';
  await drive(spool.uploadNow());
  const cost = server.applied.reduce(
    (sum, record) => sum + ('cost_nanos' in record ? record.cost_nanos : 0),
    0,
  );
  expect(cost).toBe(150);
});

test('without a control plane the disk limit holds and the money stays', async () => {
  const { start, newUsage } = world({ spoolLimitBytes: 50_000 });
  const { spool, drive, turn, disk } = await start();
  for (let n = 0; n < 600; n += 1) {
    spool.sink.settle(newUsage(2));
    turn();
    if (n % 5 === 0) await drive(spool.flush());
    if (n % 50 === 0) await drive(new Promise((resolve) => setTimeout(resolve, 20)));
  }
  await drive(spool.flush());
  await drive(new Promise((resolve) => setTimeout(resolve, 50)));
  expect(spool.status().collapsed).toBeGreaterThan(300);
  expect(spool.status().bytes).toBeLessThan(65_000);
  disk.kill();
  const server = simulatedServer();
  const next = await start(server.post(() => 'none'));
  await next.drive(next.spool.adoptNow());
  await next.drive(next.spool.uploadNow());
  const cost = server.applied.reduce(
    (sum, record) => sum + ('cost_nanos' in record ? record.cost_nanos : 0),
    0,
  );
  expect(cost).toBe(1_200);
  expect(server.lost()).toBe(0);
});

test('an instance that another one took for dead goes on elsewhere and counts nothing a second time', async () => {
  let mine = true;
  const { start, newUsage, fraction, time } = world({
    locks: {
      hold: async () => ({ confirm: () => mine, release: () => undefined }),
      isDead: async () => false,
    },
  });
  const server = simulatedServer();
  const { spool, turn, drive, disk, events } = await start(server.post(() => 'none'));
  for (const folder of disk.list('/state/spool')) disk.makeFolder(`/state/spool/${folder}`);
  const id = idFrom(fraction);
  spool.sink.open(attemptOf(id, time.clock.now()), () => undefined);
  turn();
  mine = false;
  const later = newUsage();
  spool.sink.settle(later);
  turn();
  spool.sink.settle(recordOf(idFrom(fraction), id, time.clock.now(), [5]));
  await drive(spool.uploadNow());
  expect(events).toContainEqual({ type: 'taken_over' });
  expect(server.applied).toEqual([later]);
});

test('a closed spool that sent everything leaves nothing behind; one that could not is adopted', async () => {
  const { start, newUsage, volume } = world();
  const server = simulatedServer();
  const first = await start(server.post(() => 'none'));
  first.spool.sink.settle(newUsage());
  await first.drive(first.spool.close(1_000));
  expect(server.applied).toHaveLength(1);
  expect(volume.files.size).toBe(0);
  const second = await start(server.post(() => 'broken'));
  second.spool.sink.settle(newUsage());
  await second.drive(second.spool.close(1_000));
  const third = await start(server.post(() => 'none'));
  await third.drive(third.spool.adoptNow());
  await third.drive(third.spool.uploadNow());
  expect(server.applied.filter((record) => record.kind === 'usage')).toHaveLength(2);
});

test('records that the control plane reports as lost are told of in an audit record', async () => {
  const { volume, start, newUsage } = world();
  const server = simulatedServer();
  const first = await start();
  const records = [newUsage(), newUsage(), newUsage(), newUsage()];
  for (const record of records) first.spool.sink.settle(record);
  await first.drive(first.spool.flush());
  first.disk.kill();
  corrupt(volume, records[1]?.id ?? '');
  corrupt(volume, records[2]?.id ?? '');
  const second = await start(server.post(() => 'none'));
  await second.drive(second.spool.adoptNow());
  await second.drive(second.spool.uploadNow());
  await second.drive(second.spool.uploadNow());
  expect(server.applied).toContainEqual(
    expect.objectContaining({ kind: 'audit', action: 'records_lost', count: 2 }),
  );
  expect(second.spool.status()).toMatchObject({ lost: 2, records: 0 });
});

test('a control plane that was put back to an older state is sent again what the disk still holds', async () => {
  const { time, start, newUsage } = world();
  const server = simulatedServer();
  /** What a control plane answers that wants the missing records before it takes later ones. */
  const strict: SpoolPost = async (path, body, headers) => {
    const { gunzipSync } = await import('node:zlib');
    const { stream, first_sequence } = JSON.parse(gunzipSync(body).toString('utf8')) as {
      stream: string;
      first_sequence: number;
    };
    const mark = server.marks.get(stream) ?? 0;
    const answer = { next_sequence: mark, applied: 0, duplicates: 0, quarantined: 0, lost: 0 };
    if (first_sequence > mark) return { status: 200, headers: {}, body: Buffer.from(JSON.stringify(answer)) };
    return server.post(() => 'none')(path, body, headers);
  };
  const agent = await start(strict);
  const records = [newUsage(), newUsage(), newUsage()];
  for (const record of records) agent.spool.sink.settle(record);
  await agent.drive(agent.spool.uploadNow());
  expect(server.applied).toHaveLength(3);
  for (const stream of server.marks.keys()) server.marks.set(stream, 1);
  server.applied.splice(1);
  const later = newUsage();
  agent.spool.sink.settle(later);
  await agent.drive(agent.spool.uploadNow());
  time.pass(60_000);
  await agent.drive(agent.spool.uploadNow());
  expect(server.applied).toEqual([...records, later]);
  expect(agent.spool.status()).toMatchObject({ records: 0, lost: 0 });
});
