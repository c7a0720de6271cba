import { idSchema } from '@bonito/protocol';
import { z } from 'zod';

/** `{id}` in an address. */
export const idParamsSchema = z.object({ id: idSchema });

/** A name for people. */
export const displayNameSchema = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/\p{Cc}/u.test(text), 'control characters are not allowed');

/** The times of every resource. */
export const timesShape = { created_at: z.iso.datetime(), updated_at: z.iso.datetime() };

/** Short labels that usage is grouped by. */
export const tagsSchema = z
  .record(z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/), z.string().min(1).max(100))
  .refine((tags) => Object.keys(tags).length <= 20, 'at most 20 tags');

/** Writes the times of a row. */
export function presentTimes(row: { created_at: Date; updated_at: Date }) {
  return { created_at: row.created_at.toISOString(), updated_at: row.updated_at.toISOString() };
}
