import { z } from 'zod';
import { idSchema, modelNameSchema } from '../../ids.ts';
import { restrictionsSchema } from '../restrictions.ts';

/** How a route picks among its targets. A strategy that this version does not know is read as `unknown` and refuses. */
const knownStrategySchema = z.discriminatedUnion('type', [
  /** In the order written; the next one only when the one before failed. */
  z.object({ type: z.literal('failover') }),
]);
const KNOWN_STRATEGIES = new Set(
  knownStrategySchema.options.map((option) => option.shape.type.value as string),
);
const unknownStrategySchema = z
  .object({
    type: z
      .string()
      .max(100)
      .refine((type) => !KNOWN_STRATEGIES.has(type)),
  })
  .transform(() => ({ type: 'unknown' as const }));

export const strategySchema = z.union([knownStrategySchema, unknownStrategySchema]);
export type Strategy = z.infer<typeof strategySchema>;

export const FOREIGN_STATE = ['shed', 'error'] as const;
const foreignStateSchema = z.enum(FOREIGN_STATE);
export type ForeignState = z.infer<typeof foreignStateSchema>;

/** A named strategy over targets. */
export const routeSchema = z.object({
  id: idSchema,
  /** What clients ask for; unique among deployments and routes. */
  name: modelNameSchema,
  strategy: strategySchema,
  targets: z
    .array(z.object({ deployment_id: idSchema }))
    .min(1)
    .max(32),
  /** Refuse what a target cannot express; where absent or false it is left out and reported. */
  strict: z.boolean().optional(),
  /**
   * What becomes of reasoning and other opaque state that a target did not issue: left out and reported where absent or
   * `shed`; with `error` the request goes to no target that would lose it.
   */
  foreign_state: foreignStateSchema.optional(),
  restrictions: restrictionsSchema,
});
export type Route = z.infer<typeof routeSchema>;

/** Section `routes`. */
export const routesSectionSchema = z.object({ routes: z.array(routeSchema).max(10_000) });
export type RoutesSection = z.infer<typeof routesSectionSchema>;
