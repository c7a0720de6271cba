import { z } from 'zod';

/** Errors of the control plane are problem details (RFC 9457), `application/problem+json`. */
export const problemSchema = z.object({
  /** A stable address for the kind of problem. */
  type: z.string(),
  /** The kind of problem in a few words. */
  title: z.string(),
  status: z.int(),
  /** What was wrong here, where, and what to do. */
  detail: z.string(),
  /** A stable code for programs. */
  code: z.string(),
  /** The request's id, for support. */
  request_id: z.string().optional(),
  /** The places in the input that were wrong. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof problemSchema>;
