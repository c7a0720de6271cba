import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CredentialError } from './credential-error.ts';
import { type Fetched, Renewing } from './renewing.ts';

const HOUR = 3_600_000;

function start(lifetimeMs = HOUR) {
  let now = 0;
  const fetches: { resolve(lifetime?: number): void; reject(error?: unknown): void }[] = [];
  const problems: string[] = [];
  const renewing = new Renewing<{ number: number }>({
    fetch: () =>
      new Promise<Fetched<{ number: number }>>((resolve, reject) => {
        const number = fetches.length + 1;
        fetches.push({
          resolve: (lifetime = lifetimeMs) => resolve({ value: { number }, lifetimeMs: lifetime }),
          reject: (error = new CredentialError('unreachable')) => reject(error),
        });
      }),
    clock: { monotonic: () => now },
    random: { fraction: () => 0 },
    failed: (problem) => problems.push(problem),
  });
  return {
    renewing,
    fetches,
    problems,
    pass: (ms: number) => {
      now += ms;
    },
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

describe('Renewing', () => {
  it('fetches once for all who wait, at the start and at expiry, and then answers at once', async () => {
    const { renewing, fetches, pass } = start();
    for (const round of [1, 2]) {
      const readers = Array.from({ length: 100 }, () => renewing.read());
      expect(fetches).toHaveLength(round);
      fetches.at(-1)?.resolve();
      expect(await Promise.all(readers)).toEqual(Array(100).fill({ number: round }));
      expect(renewing.read()).toBe(renewing.read());
      expect(renewing.read()).toEqual({ number: round });
      pass(HOUR);
    }
  });

  it('renews early while it goes on giving out the old one', async () => {
    const { renewing, fetches, pass, settled } = start();
    renewing.read();
    fetches[0]?.resolve();
    await settled();
    pass((HOUR * 2) / 3 - 1);
    expect(renewing.read()).toEqual({ number: 1 });
    expect(fetches).toHaveLength(1);
    pass(1);
    for (let reader = 0; reader < 100; reader++) expect(renewing.read()).toEqual({ number: 1 });
    expect(fetches).toHaveLength(2);
    fetches[1]?.resolve();
    await settled();
    expect(renewing.read()).toEqual({ number: 2 });
  });

  it('keeps the old one while renewal fails, until it is no longer good, with pauses that grow', async () => {
    const { renewing, fetches, problems, pass, settled } = start();
    renewing.read();
    fetches[0]?.resolve();
    await settled();
    pass(HOUR - 600_000);
    const asked: number[] = [];
    for (let second = 0; second < 589; second++) {
      const before = fetches.length;
      expect(renewing.read()).toEqual({ number: 1 });
      if (fetches.length > before) {
        asked.push(second);
        fetches.at(-1)?.reject();
      }
      await settled();
      expect(renewing.problem()).toBeUndefined();
      pass(1_000);
    }
    const pauses = asked.slice(1).map((second, index) => second - (asked[index] ?? 0));
    expect(pauses.slice(0, 7)).toEqual([1, 1, 2, 4, 8, 16, 30]);
    expect(problems).toHaveLength(asked.length);
    pass(1_000);
    expect(renewing.problem()).toBe('unreachable');
    const last = renewing.read();
    expect(last === undefined || last instanceof Promise).toBe(true);
  });

  it('never rejects a reader, and says why there is none', async () => {
    const { renewing, fetches } = start();
    const reader = renewing.read();
    fetches[0]?.reject(new CredentialError('permission_missing'));
    expect(await reader).toBeUndefined();
    expect(renewing.problem()).toBe('permission_missing');
    expect(renewing.read()).toBeUndefined();
    await expect(renewing.get()).rejects.toMatchObject({ problem: 'permission_missing' });
    expect(fetches).toHaveLength(1);
  });

  it('lets nobody wait for a service that failed twice, and comes back behind their backs', async () => {
    const { renewing, fetches, pass, settled } = start();
    for (let failure = 0; failure < 2; failure++) {
      expect(renewing.read()).toBeInstanceOf(Promise);
      fetches.at(-1)?.reject();
      await settled();
      pass(30_000);
    }
    expect(renewing.read()).toBeUndefined();
    expect(fetches).toHaveLength(3);
    const chained = renewing.get();
    fetches[2]?.resolve();
    expect(await chained).toEqual({ number: 3 });
    await settled();
    expect(renewing.read()).toEqual({ number: 3 });
  });

  it.each([0, -1, Number.NaN])('gives out nothing that was over when it came (%s ms)', async (lifetime) => {
    const { renewing, fetches } = start();
    const reader = renewing.read();
    fetches[0]?.resolve(lifetime);
    expect(await reader).toBeUndefined();
    expect(renewing.problem()).toBe('expired');
  });

  it('gives out nothing that ended while it was on its way', async () => {
    const { renewing, fetches, pass } = start();
    const reader = renewing.read();
    pass(HOUR);
    fetches[0]?.resolve();
    expect(await reader).toBeUndefined();
  });

  it('fetches another after a refusal, not more than every ten seconds, and waits only where the old one is dead', async () => {
    const { renewing, fetches, pass, settled } = start();
    renewing.read();
    fetches[0]?.resolve();
    await settled();
    pass(9_999);
    renewing.refused(true);
    expect(renewing.read()).toEqual({ number: 1 });
    pass(1);
    renewing.refused(false);
    renewing.refused(false);
    expect(renewing.read()).toEqual({ number: 1 });
    expect(fetches).toHaveLength(2);
    fetches[1]?.resolve();
    await settled();
    expect(renewing.read()).toEqual({ number: 2 });
    pass(10_000);
    renewing.refused(true);
    expect(renewing.read()).toBeInstanceOf(Promise);
  });

  it('never gives out an expired one and never has two fetches at once, whatever happens', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 2_000_000 }) }),
      fc.record({ do: fc.constantFrom('read', 'succeed', 'fail', 'refuse', 'kill'), ms: fc.constant(0) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { renewing, fetches, pass, settled } = start();
        let now = 0;
        let open = 0;
        const bornAt = new Map<number, number>();
        const note = () => {
          if (fetches.length === bornAt.size) return;
          open++;
          bornAt.set(fetches.length, now);
          expect(open).toBe(1);
        };
        for (const { do: act, ms } of steps) {
          if (act === 'pass') {
            now += ms;
            pass(ms);
          } else if (act === 'refuse' || act === 'kill') renewing.refused(act === 'kill');
          else if (act === 'read') {
            const value = renewing.read();
            if (value && !(value instanceof Promise)) {
              expect(now - (bornAt.get(value.number) ?? 0)).toBeLessThan(HOUR);
            }
          } else if (open > 0) {
            open = 0;
            if (act === 'succeed') fetches.at(-1)?.resolve();
            else fetches.at(-1)?.reject();
            await settled();
          }
          note();
        }
      }),
      { numRuns: 200 },
    );
  });
});
