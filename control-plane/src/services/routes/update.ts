import type { z } from 'zod';
import { changeModelName } from '../deployments/model-names.queries.ts';
import { withoutAbsent } from '../lists/without-absent.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { presentRoute } from './present-route.ts';
import { requireTargets } from './require-targets.ts';
import { replaceTargets, selectRoute, updateRouteRow } from './routes.queries.ts';
import type { RouteResource, updateRouteSchema } from './routes.schemas.ts';

/** Changes a route. Targets are replaced whole. */
export function updateRoute(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateRouteSchema>,
): Promise<RouteResource> {
  const { organizationId } = context;
  const { targets, ...rest } = withoutAbsent(input);
  return write(context, async (transaction) => {
    const before = await selectRoute(transaction, organizationId, id);
    if (!before) throw notFound('route');
    if (targets) {
      await requireTargets(transaction, organizationId, targets);
      await replaceTargets(transaction, organizationId, id, targets);
    }
    const values = { ...rest, updated_at: new Date(context.clock.now()) };
    await updateRouteRow(transaction, organizationId, id, values);
    await changeModelName(transaction, organizationId, before.name, rest.name ?? before.name);
    const result = presentRoute({ ...before, ...values, targets: targets ?? before.targets });
    return {
      result,
      change: { object: 'route', id, did: 'updated', before: presentRoute(before), after: result },
      dirty: ['routes'],
    };
  });
}
