import fc from 'fast-check';
import { expect, test } from 'vitest';
import { losePower, newVolume } from './fixtures/simulated-disk.ts';
import {
  attemptOf,
  idFrom,
  recordOf,
  type SimulatedProcess,
  seeded,
  simulatedLocks,
  simulatedTime,
  startProcess,
} from './fixtures/simulated-host.ts';
import { type Fault, simulatedServer } from './fixtures/simulated-server.ts';

/**
 * Promise 2, counted once: whatever happens to the process, the disk and the network, every request whose attempt was noted
 * before it was made is at the control plane exactly once, as its record or as unknown, and the money is the same.
 */

type Step =
  | { do: 'open'; attempts: number }
  | { do: 'settle'; pick: number; cost: number }
  | { do: 'turn' }
  | { do: 'time'; milliseconds: number }
  | { do: 'sync' }
  | { do: 'upload'; fault: Fault }
  | { do: 'late'; pick: number }
  | { do: 'kill' }
  | { do: 'killAt'; changes: number }
  | { do: 'power' }
  | { do: 'disk'; how: 'no' | 'full' | 'torn' | 'read-only' };

const faults: Fault[] = [
  'none',
  'lost-request',
  'lost-answer',
  'twice',
  'late',
  'refused',
  'too-large',
  'unauthorized',
  'broken',
];

const calm: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('open' as const), attempts: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({ do: fc.constant('settle' as const), pick: fc.nat(99), cost: fc.nat(1_000_000) }),
  },
  { weight: 8, arbitrary: fc.constant({ do: 'turn' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('time' as const),
      milliseconds: fc.constantFrom(100, 1_000, 5_000, 60_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'sync' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('upload' as const), fault: fc.constantFrom(...faults) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('late' as const), pick: fc.nat(99) }) },
];
const kills: fc.WeightedArbitrary<Step>[] = [
  { weight: 2, arbitrary: fc.constant({ do: 'kill' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('killAt' as const), changes: fc.integer({ min: 1, max: 25 }) }),
  },
];
const powerLoss: fc.WeightedArbitrary<Step>[] = [
  { weight: 2, arbitrary: fc.constant({ do: 'power' as const }) },
];
const diskFaults: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('disk' as const),
      how: fc.constantFrom('no' as const, 'full' as const, 'torn' as const, 'read-only' as const),
    }),
  },
];

interface Expected {
  /** The process was alive when it heard that the attempt is noted. */
  noted: boolean;
  /** The note was made while the disk worked. */
  onDisk: boolean;
  settled: boolean;
  /** The record went out in a turn that the process survived. */
  written: boolean;
  /** Noted, and synced since. */
  durable: boolean;
  attempts: number;
  cost: number;
}

async function run(
  steps: Step[],
  seed: number,
  limits: { spoolLimitBytes?: number; memoryLimitRecords?: number },
) {
  const fraction = seeded(seed);
  const volume = newVolume();
  const time = simulatedTime();
  const locks = simulatedLocks();
  const server = simulatedServer();
  let fault: Fault = 'none';
  const start = () => startProcess({ volume, time, locks, fraction, post: server.post(() => fault), limits });
  const requests = new Map<string, Expected>();
  let open: string[] = [];
  let unwritten: Expected[] = [];
  /** Those of the process that lives. */
  let mine: Expected[] = [];
  let diskWorks = true;
  let process: SimulatedProcess = await start();

  const revive = async () => {
    if (!process.disk.dead()) return;
    open = [];
    mine = [];
    unwritten = [];
    diskWorks = true;
    process = await start();
  };
  const turn = () => {
    process.turn();
    if (!process.disk.dead()) for (const one of unwritten) one.written = true;
    unwritten = [];
  };

  for (const step of steps) {
    const current = process;
    if (step.do === 'open') {
      const id = idFrom(fraction);
      const expected: Expected = {
        noted: false,
        onDisk: false,
        settled: false,
        written: false,
        durable: false,
        attempts: step.attempts,
        cost: 0,
      };
      requests.set(id, expected);
      mine.push(expected);
      open.push(id);
      for (let n = 0; n < step.attempts; n += 1) {
        current.spool.sink.open(attemptOf(id, time.clock.now()), () => {
          if (current.disk.dead()) return;
          expected.noted = true;
          expected.onDisk = diskWorks && current.spool.status().healthy;
        });
      }
    }
    if (step.do === 'settle' && open.length > 0) {
      const [id = ''] = open.splice(step.pick % open.length, 1);
      const expected = requests.get(id);
      if (expected) {
        const costs = Array.from({ length: expected.attempts }, () => step.cost);
        expected.cost = step.cost * expected.attempts;
        expected.settled = true;
        unwritten.push(expected);
        current.spool.sink.settle(recordOf(idFrom(fraction), id, time.clock.now(), costs));
      }
    }
    if (step.do === 'turn') turn();
    if (step.do === 'time') {
      time.pass(step.milliseconds);
      current.runTimers();
      await current.drive(new Promise((resolve) => setImmediate(() => setImmediate(resolve))));
    }
    if (step.do === 'sync') {
      turn();
      const noted = mine.filter((one) => one.noted && one.onDisk);
      if (await current.drive(current.spool.flush())) for (const one of noted) one.durable = true;
    }
    if (step.do === 'upload') {
      fault = step.fault;
      turn();
      await current.drive(current.spool.uploadNow());
      fault = 'none';
    }
    if (step.do === 'late') server.deliverLate((count) => step.pick % Math.max(1, count));
    if (step.do === 'kill') current.disk.kill();
    if (step.do === 'killAt') current.disk.killAfter(step.changes, fraction);
    if (step.do === 'power') {
      current.disk.kill();
      losePower(volume, fraction);
    }
    if (step.do === 'disk') {
      diskWorks = step.how === 'no';
      current.disk.setBroken(step.how);
    }
    await revive();
  }

  // The end: the disk works, the network works, the last process dies, and a new one brings everything home.
  turn();
  if (!process.disk.dead()) {
    process.disk.setBroken('no');
    time.pass(5_000);
    process.runTimers();
    await process.drive(process.spool.adoptNow());
    await process.drive(process.spool.uploadNow());
  }
  process.disk.kill();
  process = await start();
  await process.drive(process.spool.adoptNow());
  for (let round = 0; round < 20 && (round < 2 || process.spool.status().records > 0); round += 1) {
    await process.drive(process.spool.uploadNow());
    server.deliverLate(() => 0);
    time.pass(60_000);
  }
  expect(process.spool.status().records).toBe(0);
  return { requests, server, process, volume };
}

function countedAt(server: ReturnType<typeof simulatedServer>) {
  const times = new Map<string, number>();
  let requests = 0;
  let cost = 0;
  let attempts = 0;
  for (const record of server.applied) {
    if (record.kind === 'usage') {
      times.set(record.request_id, (times.get(record.request_id) ?? 0) + 1);
      requests += 1;
      attempts += record.attempts.length;
      cost += record.cost_nanos;
    }
    if (record.kind === 'usage_rollup') {
      requests += record.requests;
      attempts += record.attempts;
      cost += record.cost_nanos;
    }
  }
  return { times, requests, attempts, cost };
}

const steps = (...weighted: fc.WeightedArbitrary<Step>[]) =>
  fc.array(fc.oneof(...weighted), { minLength: 5, maxLength: 120, size: 'max' });
const RUNS = Number(process.env.SPOOL_RUNS ?? 60);

test('kills, restarts and a bad network: every noted request exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(steps(...calm, ...kills), fc.nat(), async (list, seed) => {
      const { requests, server } = await run(list, seed, {});
      const { times } = countedAt(server);
      for (const [id, expected] of requests) {
        if (expected.noted) expect(times.get(id) ?? 0).toBe(1);
        expect(times.get(id) ?? 0).toBeLessThanOrEqual(1);
        if (!expected.written) continue;
        const record = server.applied.find((one) => one.kind === 'usage' && one.request_id === id);
        expect(record).toMatchObject({ outcome: 'success', cost_nanos: expected.cost });
      }
      expect(server.lost()).toBe(0);
      expect(server.quarantined()).toBe(0);
    }),
    { numRuns: RUNS },
  );
}, 240_000);

test('loss of power: what was synced is there exactly once, nothing is there twice', async () => {
  await fc.assert(
    fc.asyncProperty(steps(...calm, ...kills, ...powerLoss), fc.nat(), async (list, seed) => {
      const { requests, server } = await run(list, seed, {});
      const { times } = countedAt(server);
      for (const [id, expected] of requests) {
        expect(times.get(id) ?? 0).toBeLessThanOrEqual(1);
        if (expected.durable) expect(times.get(id) ?? 0).toBe(1);
      }
    }),
    { numRuns: RUNS },
  );
}, 240_000);

test('a disk that fails and recovers: nothing twice, and nothing lost while the process lives', async () => {
  await fc.assert(
    fc.asyncProperty(steps(...calm, ...diskFaults), fc.nat(), async (list, seed) => {
      const { requests, server } = await run(list, seed, { memoryLimitRecords: 100_000 });
      const { times } = countedAt(server);
      for (const [id, expected] of requests) {
        if (expected.settled || expected.onDisk) expect(times.get(id) ?? 0).toBe(1);
      }
      expect(server.lost()).toBe(0);
    }),
    { numRuns: RUNS },
  );
}, 240_000);

test('failing disks and kills together: nothing is ever there twice', async () => {
  await fc.assert(
    fc.asyncProperty(steps(...calm, ...kills, ...powerLoss, ...diskFaults), fc.nat(), async (list, seed) => {
      const { requests, server } = await run(list, seed, { memoryLimitRecords: 100_000 });
      const { times } = countedAt(server);
      for (const id of requests.keys()) expect(times.get(id) ?? 0).toBeLessThanOrEqual(1);
    }),
    { numRuns: RUNS },
  );
}, 240_000);

test('collapsing keeps every request, every attempt and all money, through kills too', async () => {
  let collapses = 0;
  await fc.assert(
    fc.asyncProperty(steps(...calm, ...kills), fc.nat(), async (list, seed) => {
      const { requests, server } = await run(list, seed, { spoolLimitBytes: 16_000, memoryLimitRecords: 5 });
      const counted = countedAt(server);
      const all = [...requests.values()];
      const certain = all.filter((one) => one.noted || one.written);
      expect(counted.requests).toBeGreaterThanOrEqual(certain.length);
      expect(counted.requests).toBeLessThanOrEqual(all.length);
      const written = all.filter((one) => one.written).reduce((total, one) => total + one.cost, 0);
      const settled = all.filter((one) => one.settled).reduce((total, one) => total + one.cost, 0);
      expect(counted.cost).toBeGreaterThanOrEqual(written);
      expect(counted.cost).toBeLessThanOrEqual(settled);
      if (certain.length === all.length) expect(counted.requests).toBe(all.length);
      for (const times of counted.times.values()) expect(times).toBe(1);
      expect(server.lost()).toBe(0);
      collapses += server.applied.filter((record) => record.kind === 'usage_rollup').length;
    }),
    { numRuns: RUNS * 2 },
  );
  expect(collapses).toBeGreaterThan(0);
}, 240_000);
