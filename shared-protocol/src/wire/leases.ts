import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { timestampSchema } from '../time.ts';

/**
 * `POST /api/agent/leases`: slices of a budget, lent to one agent. Described in version 1, not served by it: a control
 * plane without budgets answers 404, and an agent without leases has no hard caps to hold.
 */
const nanos = z.int().min(0);

export const leaseRequestSchema = z.object({
  actions: z
    .array(
      z.discriminatedUnion('type', [
        /** A first slice, at least `minimum_nanos` or nothing. */
        z.object({
          type: z.literal('acquire'),
          budget_id: idSchema,
          wanted_nanos: nanos,
          minimum_nanos: nanos,
        }),
        /** More time, and more money if it is there. */
        z.object({ type: z.literal('renew'), lease_id: idSchema, wanted_nanos: nanos }),
        /** What was not reserved goes back. Settlement itself travels in usage records only. */
        z.object({ type: z.literal('return'), lease_id: idSchema, unspent_nanos: nanos }),
      ]),
    )
    .min(1)
    .max(500),
});
export type LeaseRequest = z.infer<typeof leaseRequestSchema>;

export const leaseSchema = z.object({
  lease_id: idSchema,
  budget_id: idSchema,
  granted_nanos: nanos,
  /** After this moment the lease is stranded: it counts as spent until it is settled. */
  expires_at: timestampSchema,
});
export type Lease = z.infer<typeof leaseSchema>;

export const leaseAnswerSchema = z.object({
  /** One result for each action, in order. */
  results: z
    .array(
      z.discriminatedUnion('result', [
        z.object({ result: z.literal('granted'), lease: leaseSchema }),
        z.object({ result: z.literal('returned'), lease_id: idSchema }),
        z.object({
          result: z.literal('refused'),
          reason: z.enum(['cap_reached', 'budget_unknown', 'lease_unknown', 'lease_closed']),
        }),
      ]),
    )
    .max(500),
});
export type LeaseAnswer = z.infer<typeof leaseAnswerSchema>;
