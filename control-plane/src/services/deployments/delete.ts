import { refuseInUse } from '../in-use.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { recordCapacity } from './capacity-periods.queries.ts';
import { routesOfDeployment, selectDeployment, updateDeploymentRow } from './deployments.queries.ts';
import { releaseModelName } from './model-names.queries.ts';
import { presentDeployment } from './present-deployment.ts';

/** Deletes a deployment that is no route's target; its name becomes free. */
export function deleteDeployment(context: ServiceContext, id: string): Promise<void> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectDeployment(transaction, organizationId, id);
    if (!before) throw notFound('deployment');
    refuseInUse('deployment', 'the routes', await routesOfDeployment(transaction, organizationId, id));
    const now = new Date(context.clock.now());
    await updateDeploymentRow(transaction, organizationId, id, { deleted_at: now, updated_at: now });
    await releaseModelName(transaction, organizationId, before.name);
    await recordCapacity(transaction, organizationId, { before, after: undefined }, now);
    return {
      result: undefined,
      change: {
        object: 'deployment',
        id,
        did: 'deleted',
        before: presentDeployment(before),
        after: undefined,
      },
      dirty: ['deployments'],
    };
  });
}
