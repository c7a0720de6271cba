import type { z } from 'zod';
import { withoutAbsent } from '../lists/without-absent.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { selectDeployment, updateDeploymentRow } from './deployments.queries.ts';
import type { DeploymentResource, updateDeploymentSchema } from './deployments.schemas.ts';
import { changeModelName } from './model-names.queries.ts';
import { presentDeployment } from './present-deployment.ts';
import { parsePrice, priceRevision } from './price.ts';
import { requireProvider } from './require-provider.ts';

/** Changes a deployment. A price is replaced whole. */
export function updateDeployment(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateDeploymentSchema>,
): Promise<DeploymentResource> {
  const { organizationId } = context;
  const { price, capabilities, ...rest } = withoutAbsent(input);
  const figures = price && parsePrice(price);
  return write(context, async (transaction) => {
    const before = await selectDeployment(transaction, organizationId, id);
    if (!before) throw notFound('deployment');
    if (rest.provider_id) await requireProvider(transaction, organizationId, rest.provider_id);
    const after = await updateDeploymentRow(transaction, organizationId, id, {
      ...rest,
      ...(capabilities !== undefined && { capabilities: capabilities && JSON.stringify(capabilities) }),
      ...(figures && { price_revision: priceRevision(figures), price_per_million: JSON.stringify(figures) }),
      updated_at: new Date(context.clock.now()),
    });
    await changeModelName(transaction, organizationId, before.name, after.name);
    const result = presentDeployment(after);
    return {
      result,
      change: { object: 'deployment', id, did: 'updated', before: presentDeployment(before), after: result },
      dirty: ['deployments'],
    };
  });
}
