import { newId } from '@bonito/protocol';
import type { z } from 'zod';
import { takeModelName } from '../deployments/model-names.queries.ts';
import type { ServiceContext } from '../service-context.ts';
import { write } from '../write.ts';
import { presentRoute } from './present-route.ts';
import { requireTargets } from './require-targets.ts';
import { insertRoute } from './routes.queries.ts';
import type { createRouteSchema, RouteResource } from './routes.schemas.ts';

export function createRoute(
  context: ServiceContext,
  input: z.output<typeof createRouteSchema>,
): Promise<RouteResource> {
  const { organizationId } = context;
  const now = new Date(context.clock.now());
  const id = newId(context.clock.now());
  const { targets, ...rest } = input;
  return write(context, async (transaction) => {
    await requireTargets(transaction, organizationId, targets);
    const row = await insertRoute(
      transaction,
      { ...rest, org_id: organizationId, id, created_at: now, updated_at: now },
      targets,
    );
    await takeModelName(transaction, organizationId, row.name, { route_id: id });
    const result = presentRoute(row);
    return {
      result,
      change: { object: 'route', id, did: 'created', before: undefined, after: result },
      dirty: ['routes'],
    };
  });
}
