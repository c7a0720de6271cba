import type { z } from 'zod';
import { withoutAbsent } from '../lists/without-absent.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { selectDeployment, updateDeploymentRow } from './deployments.queries.ts';
import type { DeploymentResource, updateDeploymentSchema } from './deployments.schemas.ts';
import { changeModelName } from './model-names.queries.ts';
import { presentDeployment } from './present-deployment.ts';
import { requireProvider } from './require-provider.ts';
import { resolvePrice, thresholdsAlone } from './resolve-price.ts';

/**
 * Changes a deployment. A price is replaced whole, its thresholds included. One that is not the deployment's own is looked up
 * anew when the deployment goes to another model.
 */
export async function updateDeployment(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateDeploymentSchema>,
): Promise<DeploymentResource> {
  const { organizationId } = context;
  const { price, price_thresholds, capabilities, ...rest } = withoutAbsent(input);
  if (price_thresholds && !price) throw thresholdsAlone();
  const moves = rest.provider_id !== undefined || rest.upstream_model !== undefined;
  return write(context, async (transaction) => {
    const before = await selectDeployment(transaction, organizationId, id);
    if (!before) throw notFound('deployment');
    const provider = await requireProvider(
      transaction,
      organizationId,
      rest.provider_id ?? before.provider_id,
    );
    const anew = price !== undefined || (moves && before.price_source !== 'own');
    const after = await updateDeploymentRow(transaction, organizationId, id, {
      ...rest,
      ...(capabilities !== undefined && { capabilities: capabilities && JSON.stringify(capabilities) }),
      ...(anew &&
        resolvePrice(
          { price: price ?? null, thresholds: price_thresholds ?? null },
          provider,
          rest.upstream_model ?? before.upstream_model,
          context.clock.now(),
        )),
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
