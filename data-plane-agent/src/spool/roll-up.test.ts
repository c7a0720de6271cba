import { newId, recordSchema, type UsageRecord } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRollup, addUsage, isSummable, type Rollups } from './roll-up.ts';

const ids = { provider_id: newId(), deployment_id: newId() };

/** A request with one attempt for each price revision. */
function requestAt(...revisions: string[]): UsageRecord {
  const attempts = revisions.map((price_revision) => ({
    ...ids,
    ...{ status: 200, outcome: 'success' as const, error_code: null, quality: 'exact' as const },
    ...{ tokens: { searches: 1 }, cost_nanos: 0, price_revision, latency_ms: 1 },
  }));
  return {
    ...{ kind: 'usage', id: newId(), request_id: newId(), occurred_at: '2026-11-21T08:00:01.000Z' },
    ...{ key_id: null, team_id: null, route_id: null, requested_id: null, deployment_id: ids.deployment_id },
    ...{ surface: 'rerank', stream: false, status: 200, outcome: 'success', error_code: null, attempts },
    ...{ tokens: { searches: attempts.length }, cost_nanos: 0, latency_ms: 1, time_to_first_token_ms: null },
    ...{ cache: 'none', config: { epoch: 1, revision: 1 }, source: 'vpc_agent' },
  };
}

it('keeps how many attempts have an unknown cost, through totals of totals', () => {
  const totals = (...records: UsageRecord[]) => {
    const rollups: Rollups = new Map();
    for (const record of records) addUsage(rollups, record, newId);
    return rollups;
  };
  const first = totals(requestAt('unpriced', 'r1'), requestAt('unpriced'));
  const [total] = first.values();
  expect(total).toMatchObject({ attempts: 3, unpriced_attempts: 2, tokens: { searches: 3 } });
  for (const later of totals(requestAt('unpriced')).values()) addRollup(first, later);
  expect([...first.values()]).toMatchObject([{ attempts: 4, unpriced_attempts: 3 }]);
  // None is nothing to say.
  const [priced] = totals(requestAt('r1')).values();
  expect(priced).not.toHaveProperty('unpriced_attempts');
});

describe('isSummable', () => {
  const record = requestAt('r1', 'r2');
  const [attempt] = record.attempts;

  it('takes a record as an agent writes it', () => {
    expect(isSummable(JSON.parse(JSON.stringify(record)))).toBe(true);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['totals', { ...record, kind: 'usage_rollup' }],
    ['no attempts', { ...record, attempts: undefined }],
    ['an attempt that is none', { ...record, attempts: [null] }],
    ['money that is no whole number', { ...record, attempts: [{ ...attempt, cost_nanos: 0.5 }] }],
    ['no tokens', { ...record, attempts: [{ ...attempt, tokens: null }] }],
    ['tokens that are text', { ...record, attempts: [{ ...attempt, tokens: { input: '1' } }] }],
    ['no latency', { ...record, latency_ms: null }],
    ['a time without its hour', { ...record, occurred_at: '2026-11-21' }],
    ['a time that never was', { ...record, occurred_at: '2026-13-41T25:00:00.000Z' }],
    ['a day that never was', { ...record, occurred_at: '2026-02-30T10:00:00.000Z' }],
    ['a key that is not said', { ...record, key_id: undefined }],
    ['a key that is no id', { ...record, key_id: 'bench' }],
    ['an attempt at nobody', { ...record, attempts: [{ ...attempt, provider_id: null }] }],
    ['money below zero', { ...record, attempts: [{ ...attempt, cost_nanos: -1 }] }],
    ['tokens below zero', { ...record, attempts: [{ ...attempt, tokens: { input: -1 } }] }],
  ])('leaves to the schema: %s', (_name, value) => {
    expect(isSummable(value)).toBe(false);
  });

  it('takes only what keeps a total valid', () => {
    const odd = fc.constantFrom<unknown>(
      undefined,
      null,
      -1,
      0.5,
      7,
      '',
      'x',
      '2026-02-30T24:00:00.000Z',
      {},
      [],
    );
    const names = Object.keys(record);
    const attemptNames = Object.keys(attempt ?? {});
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.constantFrom('', ...attemptNames),
        odd,
        (name, inner, put) => {
          const changed =
            inner === ''
              ? { ...record, [name]: put }
              : { ...record, attempts: [{ ...attempt, [inner]: put }, attempt] };
          if (!isSummable(changed)) return;
          const totals: Rollups = new Map();
          addUsage(totals, changed, newId);
          for (const total of totals.values()) expect(recordSchema.safeParse(total).error).toBeUndefined();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('counts in the hour of the request', () => {
    const totals: Rollups = new Map();
    addUsage(totals, record, newId);
    expect([...totals.values()]).toMatchObject([{ hour: '2026-11-21T08:00:00.000Z' }]);
  });
});
