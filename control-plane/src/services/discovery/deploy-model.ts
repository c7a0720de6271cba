import type { z } from 'zod';
import { tenantTransaction } from '../../db/transactions.ts';
import { createDeployment } from '../deployments/create.ts';
import type { DeploymentResource } from '../deployments/deployments.schemas.ts';
import { entryFor } from '../deployments/resolve-price.ts';
import { selectProvider } from '../providers/providers.queries.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound, ServiceError } from '../service-error.ts';
import { selectDiscovered } from './discovered-models.queries.ts';
import type { deployModelSchema } from './discovery.schemas.ts';

/**
 * Turns a model that a provider listed into a deployment, with the price and the capabilities that the catalog has for it,
 * unless the caller says others. Its family and where it is processed are what the caller says:
 * neither is guessed from a name.
 *
 * @throws ServiceError `not_found` for a provider or a model that is not there, `name_taken`, `invalid_request`
 */
export async function deployModel(
  context: ServiceContext,
  { providerId, model }: { providerId: string; model: string },
  input: z.output<typeof deployModelSchema>,
): Promise<DeploymentResource> {
  const { organizationId } = context;
  const provider = await tenantTransaction(context.db, organizationId, async (transaction) => {
    const found = await selectProvider(transaction, organizationId, providerId);
    if (!found) throw notFound('provider');
    const discovered = await selectDiscovered(transaction, organizationId, providerId);
    if (!discovered?.models.includes(model))
      throw new ServiceError(
        'not_found',
        'the provider did not list this model: discover its models again, or create the deployment by hand',
      );
    return found;
  });
  const entry = entryFor(provider, { catalog_id: input.catalog_id, upstream_model: model });
  return createDeployment(context, {
    ...input,
    capabilities: input.capabilities ?? entry?.capabilities?.names ?? null,
    name: input.name ?? model,
    provider_id: providerId,
    upstream_model: model,
  });
}
