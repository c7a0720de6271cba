import { idSchema, modelNameSchema } from '@bonito/protocol';
import { z } from 'zod';
import { displayNameSchema, tagsSchema, timesShape } from '../lists/fields.ts';

const fields = {
  name: displayNameSchema,
  models: z
    .array(modelNameSchema)
    .max(1_000)
    .refine((names) => new Set(names).size === names.length, 'each name once')
    .nullable()
    .meta({
      description:
        'The model names (of deployments or routes) that may be asked for: null for all, an empty list for none',
    }),
  expires_at: z.iso
    .datetime({ offset: true })
    .nullable()
    .meta({ description: 'Not from this moment on', example: '2027-01-01T00:00:00Z' }),
  tags: tagsSchema.meta({ description: 'Short labels that usage is grouped by' }),
  team_id: idSchema.nullable(),
};

export const createKeySchema = z
  .strictObject({
    ...fields,
    models: fields.models.default(null),
    expires_at: fields.expires_at.default(null),
    tags: fields.tags.default({}),
    team_id: fields.team_id.default(null),
    route_id: idSchema.nullable().default(null).meta({
      description:
        'Binds the key to one route for good: it begins with `rt-`, and every request takes that route',
    }),
  })
  .meta({ id: 'CreateKey' });

export const updateKeySchema = z.strictObject(fields).partial().meta({ id: 'UpdateKey' });

const MONTH_SECONDS = 2_592_000;
const DAY_SECONDS = 86_400;

export const rotateKeySchema = z
  .strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(MONTH_SECONDS)
      .default(DAY_SECONDS)
      .meta({ description: 'How long the secret before this one stays good; 0 ends it at once' }),
  })
  .optional()
  .default({ grace_seconds: DAY_SECONDS })
  .meta({ id: 'RotateKey' });

export const keyResourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    models: z.array(z.string()).nullable(),
    expires_at: z.iso.datetime().nullable(),
    tags: z.record(z.string(), z.string()),
    team_id: z.string().nullable(),
    route_id: z.string().nullable(),
    secrets: z.array(
      z.object({
        hint: z.string().meta({ description: 'The prefix and the last four characters' }),
        created_at: z.iso.datetime(),
        expires_at: z.iso
          .datetime()
          .nullable()
          .meta({ description: 'Null for the current secret; the end of its grace for the one before' }),
      }),
    ),
    ...timesShape,
  })
  .meta({ id: 'Key' });
export type KeyResource = z.infer<typeof keyResourceSchema>;

export const keyWithSecretSchema = keyResourceSchema
  .extend({
    key: z.string().meta({ description: 'The secret. It is shown this once and stored as a hash only' }),
  })
  .meta({ id: 'KeyWithSecret' });
export type KeyWithSecret = z.infer<typeof keyWithSecretSchema>;
