import { KEYS_PER_SHARD, shardCount, shardOf } from '@bonito/protocol';

/**
 * How many shards a number of entries is kept in, given how many there are now. Grows at once; shrinks only when the
 * shards are mostly empty, so that an organization at the border does not move all of its keys with each change.
 */
export function nextShardCount(entries: number, current: number | null): number {
  const needed = shardCount(entries);
  if (current === null || needed > current) return needed;
  return entries * 4 < current * KEYS_PER_SHARD ? needed : current;
}

/** The shards that hashes fall into, each once, in order. */
export function shardsOf(hashes: readonly string[], shards: number): number[] {
  return [...new Set(hashes.map((hash) => shardOf(hash, shards)))].sort((a, b) => a - b);
}

/**
 * The hashes of a shard as a range for the index: from `first` on, up to but without `end`; no end for the last shard.
 * Exact, since the number of shards is a power of two of at most 4,096, which is three hexadecimal digits.
 */
export function shardRange(shard: number, shards: number): { first: string; end: string | null } {
  const width = 0x1_0000_0000 / shards;
  const prefix = (value: number) => value.toString(16).padStart(8, '0');
  return { first: prefix(shard * width), end: shard + 1 === shards ? null : prefix((shard + 1) * width) };
}
