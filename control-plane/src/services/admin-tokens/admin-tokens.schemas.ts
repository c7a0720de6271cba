import { z } from 'zod';
import { displayNameSchema } from '../lists/fields.ts';

export const createAdminTokenSchema = z
  .strictObject({ name: displayNameSchema })
  .meta({ id: 'CreateAdminToken' });
export const updateAdminTokenSchema = z
  .strictObject({ name: displayNameSchema })
  .meta({ id: 'UpdateAdminToken' });

export const adminTokenResourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    hint: z.string().meta({ description: 'The prefix and the last four characters' }),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'AdminToken' });
export type AdminTokenResource = z.infer<typeof adminTokenResourceSchema>;

export const adminTokenWithSecretSchema = adminTokenResourceSchema
  .extend({
    token: z.string().meta({ description: 'The token. It is shown this once and stored as a hash only' }),
  })
  .meta({ id: 'AdminTokenWithSecret' });
export type AdminTokenWithSecret = z.infer<typeof adminTokenWithSecretSchema>;
