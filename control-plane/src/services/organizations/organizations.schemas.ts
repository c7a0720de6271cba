import { z } from 'zod';
import { displayNameSchema, tagsSchema, timesShape } from '../lists/fields.ts';

const slugSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'lower-case letters, digits and hyphens, at most 63');

const maxOfflineSchema = z.int().min(1).max(31_536_000).nullable().meta({
  description:
    'Agents refuse requests after this many seconds without a word from the control plane; null for no limit',
});

export const createOrganizationSchema = z
  .strictObject({
    name: displayNameSchema,
    slug: slugSchema.optional().meta({ description: 'Made from the name where absent' }),
    metadata: tagsSchema.default({}),
    max_offline_seconds: maxOfflineSchema.default(null),
  })
  .meta({ id: 'CreateOrganization' });

export const updateOrganizationSchema = z
  .strictObject({
    name: displayNameSchema,
    slug: slugSchema,
    metadata: tagsSchema,
    max_offline_seconds: maxOfflineSchema,
  })
  .partial()
  .meta({ id: 'UpdateOrganization' });

export const organizationSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    slug: z.string(),
    metadata: z.record(z.string(), z.string()),
    max_offline_seconds: z.number().nullable(),
    ...timesShape,
  })
  .meta({ id: 'Organization' });
export type Organization = z.infer<typeof organizationSchema>;
