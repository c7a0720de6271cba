import { describe, expect, it } from 'vitest';
import type { ApplyResult } from './apply-manifest.ts';
import { backoff } from './backoff.ts';
import { createConfigPoller } from './config-poller.ts';
import { ControlPlaneError } from './control-plane-error.ts';
import type { ManifestAnswer } from './manifest-source.ts';
import type { SyncEvent } from './sync-events.ts';
import { createTestTime, settle } from './test-surroundings.ts';

const NOTHING: ManifestAnswer = { changed: false, beat: false };
const version = { epoch: 1, revision: 4 };
const changed = (tag: string): ManifestAnswer => ({ changed: true, beat: false, jws: tag, tag });
const applied: ApplyResult = { outcome: 'applied', version };
const refused = (code: 'signature_invalid' | 'section_missing', passing: boolean): ApplyResult => ({
  outcome: 'rejected',
  rejection: { code, at: '2026-11-21T08:00:00.000Z' },
  message: 'no',
  passing,
});

function start(options: { holds?: boolean; maxOffline?: number } = {}) {
  const time = createTestTime();
  const stopping = new AbortController();
  const asked: { tag: string | undefined; wait: number; at: number }[] = [];
  const results: ApplyResult[] = [];
  const events: SyncEvent[] = [];
  const changes: string[] = [];
  let beats = 0;
  let answer: ((value: ManifestAnswer) => void) | undefined;
  let fail: ((error: unknown) => void) | undefined;
  const poller = createConfigPoller({
    source: {
      manifest({ tag, waitSeconds }) {
        asked.push({ tag, wait: waitSeconds, at: time.clock.monotonic() });
        return new Promise((resolve, reject) => {
          answer = resolve;
          fail = reject;
        });
      },
      section: () => Promise.reject(new Error('not here')),
    },
    holds: options.holds ?? true,
    applier: { apply: async () => results.shift() ?? { outcome: 'unchanged', version } },
    clock: time.clock,
    random: { fraction: () => 0.5 },
    timers: time.timers,
    maxOfflineSeconds: () => options.maxOffline ?? Number.POSITIVE_INFINITY,
    changed: (what) => changes.push(what),
    beat: () => {
      beats += 1;
    },
    events: (event) => events.push(event),
    signal: stopping.signal,
  });
  const running = poller.run();
  return {
    time,
    asked,
    results,
    events,
    changes,
    poller,
    beats: () => beats,
    async answer(value: ManifestAnswer) {
      answer?.(value);
      await settle();
    },
    async fail(error: unknown) {
      fail?.(error);
      await settle();
    },
    /** How long it waits now before it asks again. */
    delay: () => time.waiting()[0] ?? 0,
    async stop() {
      stopping.abort();
      answer?.(NOTHING);
      await running;
    },
  };
}

describe('polling', () => {
  it('asks without a tag at first, then with that of what is served, and lets it be held', async () => {
    const poll = start();
    poll.results.push(applied);
    await poll.answer(changed('"1.4"'));
    expect(poll.changes).toEqual(['applied']);
    await poll.time.pass(poll.delay());
    await poll.time.pass(25_000);
    await poll.answer(NOTHING);
    expect(poll.asked.map(({ tag, wait }) => [tag, wait])).toEqual([
      [undefined, 25],
      ['"1.4"', 25],
      ['"1.4"', 25],
    ]);
    await poll.stop();
  });

  it('falls back to every 30 s when answers are not held, and recovers when they are', async () => {
    const poll = start();
    const delays: number[] = [];
    for (let round = 0; round < 4; round++) {
      await poll.answer(NOTHING);
      delays.push(poll.delay());
      await poll.time.pass(poll.delay());
    }
    expect(delays).toEqual([750, 1_500, 30_000, 30_000]);
    await poll.time.pass(25_000);
    await poll.answer(NOTHING);
    expect(poll.delay()).toBe(0);
    await poll.stop();
  });

  it('does not ask in a tight loop for what it was told already', async () => {
    const poll = start();
    for (let round = 0; round < 5; round++) {
      await poll.answer(changed('"1.4"'));
      await poll.time.pass(poll.delay());
    }
    expect(poll.time.clock.monotonic()).toBeGreaterThan(30_000);
    await poll.stop();
  });

  it('asks a source that never holds every 30 s', async () => {
    const poll = start({ holds: false });
    await poll.answer(NOTHING);
    expect(poll.asked[0]?.wait).toBe(0);
    expect(poll.delay()).toBe(30_000);
    await poll.stop();
  });

  it('asks at least twice within the time that the organization may be offline', async () => {
    const poll = start({ maxOffline: 10 });
    expect(poll.asked[0]?.wait).toBe(5);
    await poll.stop();
  });

  it('passes on the wish for a heartbeat, and asks again at once', async () => {
    const poll = start();
    await poll.answer({ changed: false, beat: true });
    expect(poll.beats()).toBe(1);
    expect(poll.asked).toHaveLength(2);
    await poll.stop();
  });
});

describe('failures', () => {
  it('make it wait longer each time, up to a limit, and are told once', async () => {
    const poll = start();
    const delays: number[] = [];
    for (let round = 0; round < 7; round++) {
      await poll.fail(new ControlPlaneError('unreachable', { what: 'it' }));
      delays.push(poll.delay());
      await poll.time.pass(poll.delay());
    }
    expect(delays).toEqual([750, 1_500, 3_000, 6_000, 12_000, 15_000, 15_000]);
    await poll.answer({ changed: false, beat: true });
    expect(poll.events.map((event) => event.type)).toEqual(['unreachable', 'reached']);
    await poll.stop();
  });

  it('heed the time that the control plane asks for', async () => {
    const poll = start();
    await poll.fail(new ControlPlaneError('unavailable', { what: 'it', status: 503, retryAfter: 40_000 }));
    expect(poll.delay()).toBe(40_000);
    await poll.stop();
  });

  it('after a while of silence make it ask for shorter ones', async () => {
    const poll = start();
    await poll.time.pass(10_000);
    await poll.fail(new ControlPlaneError('unreachable', { what: 'it' }));
    await poll.time.pass(poll.delay());
    expect(poll.asked.at(-1)?.wait).toBe(8);
    await poll.stop();
  });
});

describe('a refused configuration', () => {
  it('is not fetched again until there is another one, or five minutes are over', async () => {
    const poll = start();
    poll.results.push(refused('signature_invalid', false), refused('signature_invalid', false));
    await poll.answer(changed('"1.5"'));
    expect(poll.poller.rejection()?.code).toBe('signature_invalid');
    await poll.time.pass(poll.delay());
    expect(poll.asked.at(-1)?.tag).toBe('"1.5"');
    await poll.time.pass(300_000);
    await poll.answer(NOTHING);
    expect(poll.asked.at(-1)?.tag).toBeUndefined();
    await poll.answer(changed('"1.5"'));
    expect(poll.events.map((event) => event.type)).toEqual(['rejected']);
    await poll.time.pass(poll.delay());
    poll.results.push(applied);
    await poll.answer(changed('"1.6"'));
    expect(poll.poller.rejection()).toBeNull();
    expect(poll.changes).toEqual(['rejection', 'applied']);
    await poll.stop();
  });

  it('is asked for again at once when its sections were superseded, then ever more slowly', async () => {
    const poll = start();
    const delays: number[] = [];
    for (let round = 0; round < 4; round++) {
      poll.results.push(refused('section_missing', true));
      await poll.answer(changed('"1.5"'));
      delays.push(poll.delay());
      await poll.time.pass(poll.delay());
    }
    expect(delays).toEqual([0, 1_500, 3_000, 6_000]);
    expect(poll.asked.every(({ tag }) => tag === undefined)).toBe(true);
    await poll.stop();
  });
});

it('waiting grows by doubling, with chance in its second half', () => {
  expect([1, 2, 3, 9].map((failures) => backoff(failures, 20_000, 0))).toEqual([500, 1_000, 2_000, 10_000]);
  expect(backoff(60, 20_000, 1)).toBe(20_000);
});
