import { FOREIGN_STATE, idSchema, modelNameSchema } from '@bonito/protocol';
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
  foreign_state: z.enum(FOREIGN_STATE).meta({
    description:
      'Reasoning and other opaque state that a target did not issue: `shed` leaves it out and names it in a header, `error` sends the request to no target that would lose it',
  }),
};

export const createRouteSchema = z
  .strictObject({
    ...fields,
    strategy: fields.strategy.default('failover'),
    strict: fields.strict.default(false),
    foreign_state: fields.foreign_state.default('shed'),
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
    foreign_state: z.string(),
    ...timesShape,
  })
  .meta({ id: 'Route' });
export type RouteResource = z.infer<typeof routeResourceSchema>;
