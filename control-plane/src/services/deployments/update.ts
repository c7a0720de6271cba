import type { z } from 'zod';
import { withoutAbsent } from '../lists/without-absent.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { recordCapacity } from './capacity-periods.queries.ts';
import { requireEntry } from './create.ts';
import { type DeploymentRow, selectDeployment, updateDeploymentRow } from './deployments.queries.ts';
import type { DeploymentResource, updateDeploymentSchema } from './deployments.schemas.ts';
import { changeModelName } from './model-names.queries.ts';
import { presentDeployment } from './present-deployment.ts';
import { requireProvider } from './require-provider.ts';
import { resolvePrice } from './resolve-price.ts';
import { NOTHING_WRITTEN, refuseAlone } from './written-price.ts';

type Changes = ReturnType<typeof withoutAbsent<z.output<typeof updateDeploymentSchema>>>;

/**
 * Changes a deployment. A price is replaced whole, its thresholds and variants included. One that is not the deployment's own is
 * looked up anew when the deployment goes to another model.
 */
export async function updateDeployment(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateDeploymentSchema>,
): Promise<DeploymentResource> {
  const { organizationId } = context;
  const changes = withoutAbsent(input);
  const { price, price_thresholds, price_variants, price_per_hour, capabilities, ...rest } = changes;
  if (!price)
    refuseAlone({ price_thresholds: price_thresholds ?? null, price_variants: price_variants ?? null });
  const now = new Date(context.clock.now());
  return write(context, async (transaction) => {
    const before = await selectDeployment(transaction, organizationId, id);
    if (!before) throw notFound('deployment');
    const provider = await requireProvider(
      transaction,
      organizationId,
      rest.provider_id ?? before.provider_id,
    );
    if (rest.catalog_id) requireEntry(provider, rest.catalog_id);
    const model = { upstream_model: before.upstream_model, catalog_id: before.catalog_id, ...rest };
    const written = {
      ...NOTHING_WRITTEN,
      ...withoutAbsent({ price, price_thresholds, price_variants, price_per_hour }),
    };
    const after = await updateDeploymentRow(transaction, organizationId, id, {
      ...rest,
      ...(capabilities !== undefined && { capabilities: capabilities && JSON.stringify(capabilities) }),
      ...(needsPrice(changes, before) && resolvePrice(written, provider, model, now.getTime())),
      updated_at: now,
    });
    await changeModelName(transaction, organizationId, before.name, after.name);
    await recordCapacity(transaction, organizationId, { before, after }, now);
    const result = presentDeployment(after);
    return {
      result,
      change: { object: 'deployment', id, did: 'updated', before: presentDeployment(before), after: result },
      dirty: ['deployments'],
    };
  });
}

function needsPrice(changes: Changes, before: DeploymentRow): boolean {
  const { price, price_per_hour: perHour } = changes;
  if (price !== undefined || (perHour !== undefined && perHour !== before.price_per_hour)) return true;
  const moves =
    changes.provider_id !== undefined ||
    changes.upstream_model !== undefined ||
    changes.catalog_id !== undefined;
  return moves && before.price_source !== 'own';
}
