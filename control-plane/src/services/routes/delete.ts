import { releaseModelName } from '../deployments/model-names.queries.ts';
import { refuseInUse } from '../in-use.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { presentRoute } from './present-route.ts';
import { keysOfRoute, replaceTargets, selectRoute, updateRouteRow } from './routes.queries.ts';

/** Deletes a route that no key is bound to; its name becomes free. */
export function deleteRoute(context: ServiceContext, id: string): Promise<void> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectRoute(transaction, organizationId, id);
    if (!before) throw notFound('route');
    refuseInUse('route', 'the keys', await keysOfRoute(transaction, organizationId, id));
    const now = new Date(context.clock.now());
    await updateRouteRow(transaction, organizationId, id, { deleted_at: now, updated_at: now });
    await replaceTargets(transaction, organizationId, id, []);
    await releaseModelName(transaction, organizationId, before.name);
    return {
      result: undefined,
      change: { object: 'route', id, did: 'deleted', before: presentRoute(before), after: undefined },
      dirty: ['routes'],
    };
  });
}
