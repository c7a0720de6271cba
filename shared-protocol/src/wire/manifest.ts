import { z } from 'zod';
import { idSchema, sha256Schema } from '../ids.ts';
import { timestampSchema } from '../time.ts';

/** A section's name: `settings`, `providers`, `deployments`, `routes`, or a key shard `keys/3-of-8`. */
export const sectionNameSchema = z.string().regex(/^[a-z_]{1,40}(\/[a-z0-9-]{1,40})?$/);

export const manifestSectionSchema = z.object({
  name: sectionNameSchema,
  /** SHA-256 of the exact bytes that `GET /api/agent/config/sections/{digest}` answers with. */
  digest: sha256Schema,
  /** Length of those bytes. */
  bytes: z
    .int()
    .min(0)
    .max(64 * 1024 * 1024),
});
export type ManifestSection = z.infer<typeof manifestSectionSchema>;

/** When a configuration was made: compared by epoch first, then by revision. A restore of the control plane raises the epoch. */
export const configVersionSchema = z.object({ epoch: z.int().min(1), revision: z.int().min(0) });
export type ConfigVersion = z.infer<typeof configVersionSchema>;

/** The payload of the signed manifest: which sections make up an organization's configuration at one revision. */
export const manifestSchema = configVersionSchema.extend({
  organization: idSchema,
  protocol: z.int().min(1),
  issued_at: timestampSchema,
  sections: z.array(manifestSectionSchema).max(5_000),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Negative when `a` is older than `b`, zero when they are the same, positive when it is newer. */
export function compareVersions(a: ConfigVersion, b: ConfigVersion): number {
  return a.epoch - b.epoch || a.revision - b.revision;
}

/** A version as an ETag, `"1.42"`, quotes included. */
export function formatVersionTag(version: ConfigVersion): string {
  return `"${version.epoch}.${version.revision}"`;
}

/** Reads an ETag made by `formatVersionTag` (a weak one too); undefined for anything else. */
export function parseVersionTag(tag: string): ConfigVersion | undefined {
  const match = /^(?:W\/)?"([1-9][0-9]{0,14})\.([0-9]{1,15})"$/.exec(tag.trim());
  return match ? { epoch: Number(match[1]), revision: Number(match[2]) } : undefined;
}
