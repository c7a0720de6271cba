import { z } from 'zod';
import { restrictionsSchema } from '../restrictions.ts';

/** Section `settings`: what holds for the whole organization. */
export const settingsSectionSchema = z.object({
  /** Checked before any key's own: `max_offline` stands here. */
  restrictions: restrictionsSchema,
});
export type SettingsSection = z.infer<typeof settingsSectionSchema>;
