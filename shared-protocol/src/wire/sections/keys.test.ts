import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../ids.ts';
import { KEYS_PER_SHARD, keysSectionName, shardCount, shardOf } from './keys.ts';

describe('key shards', () => {
  test.each([
    [0, 1],
    [KEYS_PER_SHARD, 1],
    [KEYS_PER_SHARD + 1, 2],
    [100_000, 64],
  ])('%d entries make %d shards', (entries, shards) => expect(shardCount(entries)).toBe(shards));

  test('a hash always falls into one of the shards, and doubling them splits each in two', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 11 }), (text, power) => {
        const hash = sha256(text);
        const shard = shardOf(hash, 2 ** power);
        expect(shard).toBeLessThan(2 ** power);
        expect(Math.floor(shardOf(hash, 2 ** (power + 1)) / 2)).toBe(shard);
      }),
    );
  });

  test('the leading bits decide', () => {
    expect(shardOf('ff'.repeat(32), 8)).toBe(7);
    expect(shardOf('00'.repeat(32), 8)).toBe(0);
    expect(keysSectionName(3, 8)).toBe('keys/3-of-8');
  });
});
