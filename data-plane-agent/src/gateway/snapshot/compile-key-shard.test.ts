import { type KeyEntry, sha256 } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyAccess } from './compile-key-access.ts';
import { parseKeys, scanKeys } from './compile-key-shard.ts';
import { testId } from './compile-test-sections.ts';
import type { KeyTable } from './key-table.ts';

const place = { name: 'keys/0-of-1', shard: 0, shards: 1 };
const pause = () => undefined;

const restriction = fc.oneof(
  fc.record({
    type: fc.constant('models'),
    allow: fc.array(fc.constantFrom('small', 'a/b:c@1', 'x]}y', '"'), { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('expires'), at: fc.constantFrom('2027-01-01T00:00:00.000Z', 'never') }),
  fc.record({ type: fc.constant('max_offline'), seconds: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ type: fc.constantFrom('new', 'newer]}'), more: fc.jsonValue() }),
);
const id = (kind: number) => fc.nat(9).map((index) => testId(kind, index));
const entry = fc.record(
  {
    sha256: fc.nat(400).map((index) => sha256(`bn-${index}`)),
    key_id: fc.uuid(),
    team_id: id(5),
    route_id: id(3),
    restrictions: fc.array(restriction, { maxLength: 3 }),
  },
  { requiredKeys: ['sha256', 'key_id', 'restrictions'] },
);
/** In the order that the control plane writes. */
const ordered = entry.map(({ restrictions, ...rest }) => ({ ...rest, restrictions }));

/** What callers can see of a table. */
function contentOf(table: KeyTable, hashes: readonly string[]) {
  return hashes.map((hash) => {
    const row = table.find(hash);
    return row === undefined
      ? undefined
      : [table.keyId(row), table.teamId(row), table.routeId(row), table.access(row)];
  });
}

async function both(bytes: Buffer) {
  const scanned = await scanKeys(place, bytes, new Map(), pause);
  const parsed = await parseKeys(place, bytes, new Map(), pause).catch(() => undefined);
  return { scanned, parsed };
}

describe('scanning keys', () => {
  it('takes nothing that parsing refuses, and reads it the same', async () => {
    let scans = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(ordered, entry), { maxLength: 6 }), async (keys) => {
        const { scanned, parsed } = await both(Buffer.from(JSON.stringify({ keys })));
        if (!scanned) return;
        scans += 1;
        const hashes = keys.map((key) => key.sha256);
        expect(contentOf(scanned, hashes)).toEqual(parsed && contentOf(parsed, hashes));
        expect(scanned.count).toBe(parsed?.count);
      }),
      { numRuns: 1_000 },
    );
    expect(scans).toBeGreaterThan(100);
  });

  it('agrees with parsing about bytes that were changed', async () => {
    const change = fc.record({
      at: fc.nat(),
      remove: fc.nat(2),
      put: fc.constantFrom('', '"', ',', ']', '}', '{', '[', ' ', 'a', '\\', '\0', 'ä', '0'),
    });
    const list = fc.array(ordered, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(list, fc.array(change, { minLength: 1, maxLength: 2 }), async (keys, changes) => {
        let text = JSON.stringify({ keys });
        for (const { at, remove, put } of changes) {
          const from = at % text.length;
          text = text.slice(0, from) + put + text.slice(from + remove);
        }
        const { scanned, parsed } = await both(Buffer.from(text));
        if (!scanned) return;
        const hashes = keys.map((key) => key.sha256);
        expect(contentOf(scanned, hashes)).toEqual(parsed && contentOf(parsed, hashes));
        expect(scanned.count).toBe(parsed?.count);
      }),
      { numRuns: 3_000 },
    );
  });

  it('takes everything that a control plane of this version writes', async () => {
    const keys = Array.from(
      { length: 2_000 },
      (_, index): KeyEntry => ({
        sha256: sha256(`bn-${index}`),
        key_id: testId(4, index),
        ...(index % 2 && { team_id: testId(5, index % 7) }),
        ...(index % 3 && { route_id: testId(3, 0) }),
        restrictions: index % 5 ? [{ type: 'models', allow: ['small', 'best'] }] : [],
      }),
    );
    const table = await scanKeys(place, Buffer.from(JSON.stringify({ keys })), new Map(), pause);
    const seen = new Set<KeyAccess>();
    for (const key of keys) {
      const row = table?.find(key.sha256) ?? -1;
      expect(table?.keyId(row)).toBe(key.key_id);
      expect(table?.teamId(row)).toBe(key.team_id);
      expect(table?.routeId(row)).toBe(key.route_id);
      if (table) seen.add(table.access(row));
    }
    expect(seen.size).toBe(2);
    expect(table?.find(sha256('bn-other'))).toBeUndefined();
    expect(table?.find('not a hash')).toBeUndefined();
  });

  it('leaves an empty list to parsing', async () => {
    const { scanned, parsed } = await both(Buffer.from('{"keys":[]}'));
    expect(scanned).toBeUndefined();
    expect(parsed?.count).toBe(0);
    expect(parsed?.find(sha256('bn-1'))).toBeUndefined();
  });
});
