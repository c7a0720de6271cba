import { z } from 'zod';
import { idSchema, sha256Schema } from '../../ids.ts';
import { restrictionsSchema } from '../restrictions.ts';

/** One live secret of a key. A key with two secrets (while it is being rotated) has two entries with the same `key_id`. */
export const keyEntrySchema = z.object({
  /** SHA-256 of the whole secret, prefix included. */
  sha256: sha256Schema,
  key_id: idSchema,
  team_id: idSchema.optional(),
  /** Set for an `rt-` key: every request goes through this route, whatever model it names. */
  route_id: idSchema.optional(),
  restrictions: restrictionsSchema,
});
export type KeyEntry = z.infer<typeof keyEntrySchema>;

/** Section `keys/{shard}-of-{shards}`: the entries whose hash falls into the shard. */
export const keysSectionSchema = z.object({ keys: z.array(keyEntrySchema).max(20_000) });
export type KeysSection = z.infer<typeof keysSectionSchema>;

/** Keys per shard that the number of shards is chosen for. */
export const KEYS_PER_SHARD = 2_000;

/** How many shards that many entries are split into: a power of two, at most 4,096. */
export function shardCount(entries: number): number {
  let shards = 1;
  while (shards < 4_096 && entries > shards * KEYS_PER_SHARD) shards *= 2;
  return shards;
}

/** The shard that a hash belongs to: the leading bits of the hash. */
export function shardOf(hash: string, shards: number): number {
  return Math.floor((Number.parseInt(hash.slice(0, 8), 16) / 0x1_0000_0000) * shards);
}

/** The section's name for a shard. */
export function keysSectionName(shard: number, shards: number): string {
  return `keys/${shard}-of-${shards}`;
}
