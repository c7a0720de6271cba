import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttemptTimers, type ExceededLimit } from './attempt-timer.ts';

const LIMITS = { firstByteMs: 100, idleMs: 50, totalMs: 1_000 };

describe('the limits of attempts', () => {
  let timers: AttemptTimers;
  const now = () => Date.now();
  beforeEach(() => {
    vi.useFakeTimers({ now: 5_000 });
    timers = new AttemptTimers({ now, monotonic: now });
  });
  afterEach(() => void vi.useRealTimers());

  function start(limits = LIMITS) {
    const exceeded: [ExceededLimit, number][] = [];
    const startedAt = now();
    const timer = timers.watch(limits, startedAt, {
      exceeded(limit) {
        exceeded.push([limit, now() - startedAt]);
        timer.stop();
      },
    });
    return { timer, exceeded };
  }

  it('are for the first byte from when it was sent, then for silence, then for all of it', () => {
    const [silent, stalled, endless] = [start(), start(), start()];
    for (const { timer } of [silent, stalled, endless]) timer.sent();
    vi.advanceTimersByTime(80);
    stalled.timer.received();
    for (let time = 80; time < 1_100; time += 40) {
      endless.timer.received();
      vi.advanceTimersByTime(40);
    }
    expect(silent.exceeded).toEqual([['first_byte_timeout', 100]]);
    expect(stalled.exceeded).toEqual([['idle_timeout', 130]]);
    expect(endless.exceeded).toEqual([['total_timeout', 1_000]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('do not count what waits to be sent, nor what the client holds back', () => {
    const { timer, exceeded } = start();
    vi.advanceTimersByTime(500);
    timer.sent();
    timer.received();
    timer.paused();
    vi.advanceTimersByTime(300);
    timer.received();
    vi.advanceTimersByTime(49);
    expect(exceeded).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(exceeded).toEqual([['idle_timeout', 850]]);
  });

  it('are kept for each, whatever others are over or have shorter ones', () => {
    const long = start({ firstByteMs: 400, idleMs: 400, totalMs: 400 });
    long.timer.sent();
    const others = Array.from({ length: 20 }, () => start());
    for (const [index, { timer }] of others.entries()) {
      timer.sent();
      if (index % 3 === 0) timer.stop();
    }
    vi.advanceTimersByTime(99);
    expect(others.every(({ exceeded }) => exceeded.length === 0)).toBe(true);
    vi.advanceTimersByTime(1);
    for (const [index, { exceeded, timer }] of others.entries()) {
      expect(exceeded).toEqual(index % 3 === 0 ? [] : [['first_byte_timeout', 100]]);
      timer.stop();
    }
    vi.advanceTimersByTime(300);
    expect(long.exceeded).toEqual([['total_timeout', 400]]);
    const after = start();
    after.timer.sent();
    vi.advanceTimersByTime(100);
    expect(after.exceeded).toEqual([['first_byte_timeout', 100]]);
  });
});
