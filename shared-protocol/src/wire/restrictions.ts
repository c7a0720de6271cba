import { z } from 'zod';
import { modelNameSchema } from '../ids.ts';
import { timestampSchema } from '../time.ts';

/**
 * What narrows the use of a key, a deployment, a route or a whole organization. A closed union: readers ignore optional
 * fields that they do not know, so a restriction is never one; a member that this version does not know is read as
 * `unknown` and denies what it guards.
 */
const knownRestrictionSchema = z.discriminatedUnion('type', [
  /** Only these model names (of deployments or routes) may be asked for. An empty list allows none. */
  z.object({ type: z.literal('models'), allow: z.array(modelNameSchema).max(10_000) }),
  /** Not from this moment on. */
  z.object({ type: z.literal('expires'), at: timestampSchema }),
  /** Not after this many seconds without a word from the control plane, by monotonic time. */
  z.object({ type: z.literal('max_offline'), seconds: z.int().min(1) }),
]);

const KNOWN_TYPES = new Set(
  knownRestrictionSchema.options.map((option) => option.shape.type.value as string),
);

const unknownRestrictionSchema = z
  .object({
    type: z
      .string()
      .max(100)
      .refine((type) => !KNOWN_TYPES.has(type)),
  })
  .transform(() => ({ type: 'unknown' as const }));

export const restrictionSchema = z.union([knownRestrictionSchema, unknownRestrictionSchema]);
export const restrictionsSchema = z.array(restrictionSchema).max(32);
export type Restriction = z.infer<typeof restrictionSchema>;
/** A restriction as this version writes it. */
export type KnownRestriction = z.infer<typeof knownRestrictionSchema>;
