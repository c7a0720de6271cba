import { idSchema, modelNameSchema } from '@bonito/protocol';
import { z } from 'zod';
import { timesShape } from '../lists/fields.ts';

const fields = {
  name: modelNameSchema.meta({
    description: 'What clients ask for; shared with no deployment and no other route',
  }),
  strategy: z
    .enum(['failover'])
    .meta({ description: '`failover`: in the order written, the next one when one failed' }),
  targets: z
    .array(idSchema)
    .min(1)
    .max(32)
    .refine((ids) => new Set(ids).size === ids.length, 'each deployment once')
    .meta({ description: 'Ids of deployments, in the order in which they are tried' }),
  strict: z.boolean().meta({
    description: 'Refuse what a target cannot express; otherwise it is left out and named in a header',
  }),
};

export const createRouteSchema = z
  .strictObject({
    ...fields,
    strategy: fields.strategy.default('failover'),
    strict: fields.strict.default(false),
  })
  .meta({ id: 'CreateRoute' });

export const updateRouteSchema = z.strictObject(fields).partial().meta({ id: 'UpdateRoute' });

export const routeResourceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    strategy: z.string(),
    targets: z.array(z.string()),
    strict: z.boolean(),
    ...timesShape,
  })
  .meta({ id: 'Route' });
export type RouteResource = z.infer<typeof routeResourceSchema>;
