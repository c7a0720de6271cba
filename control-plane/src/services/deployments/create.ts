import { newId } from '@bonito/protocol';
import type { z } from 'zod';
import { catalogEntry, isSoldBy } from '../../catalog/catalog.ts';
import type { CatalogEntry } from '../../catalog/catalog-entry.ts';
import type { ProviderRow } from '../providers/providers.queries.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { write } from '../write.ts';
import { recordCapacity } from './capacity-periods.queries.ts';
import { insertDeployment } from './deployments.queries.ts';
import type { createDeploymentSchema, DeploymentResource } from './deployments.schemas.ts';
import { takeModelName } from './model-names.queries.ts';
import { presentDeployment } from './present-deployment.ts';
import { requireProvider } from './require-provider.ts';
import { resolvePrice } from './resolve-price.ts';

/**
 * Makes a deployment. What it can be called for and what it costs come from the catalog where the caller does not say it: by the
 * model's id there, or by what the provider calls it.
 *
 * @throws ServiceError `invalid_request`, `name_taken`
 */
export function createDeployment(
  context: ServiceContext,
  input: z.output<typeof createDeploymentSchema>,
): Promise<DeploymentResource> {
  const now = new Date(context.clock.now());
  const id = newId(context.clock.now());
  const { price, price_thresholds, price_variants, price_per_hour, capabilities, ...rest } = input;
  return write(context, async (transaction) => {
    const provider = await requireProvider(transaction, context.organizationId, input.provider_id);
    const named = input.catalog_id === null ? undefined : requireEntry(provider, input.catalog_id);
    const upstream_model = input.upstream_model ?? modelOf(named, provider);
    const model = { upstream_model, catalog_id: input.catalog_id };
    const known = capabilities ?? named?.capabilities?.names ?? null;
    const written = { price, price_thresholds, price_variants, price_per_hour };
    const row = await insertDeployment(transaction, {
      ...rest,
      upstream_model,
      org_id: context.organizationId,
      id,
      capabilities: known && JSON.stringify(known),
      ...resolvePrice(written, provider, model, now.getTime()),
      created_at: now,
      updated_at: now,
    });
    await takeModelName(transaction, context.organizationId, row.name, { deployment_id: id });
    await recordCapacity(transaction, context.organizationId, { before: undefined, after: row }, now);
    const result = presentDeployment(row);
    return {
      result,
      change: { object: 'deployment', id, did: 'created', before: undefined, after: result },
      dirty: ['deployments'],
    };
  });
}

/** @throws ServiceError `invalid_request` for an id that is not in the catalog, or whose price is another seller's */
export function requireEntry(provider: ProviderRow, catalogId: string): CatalogEntry {
  const entry = catalogEntry(catalogId);
  if (entry && isSoldBy(entry, provider)) return entry;
  const message = entry
    ? `is sold by another kind of provider than ${provider.kind}`
    : 'is not in the catalog: see GET /api/catalog/models';
  throw new ServiceError('invalid_request', `"catalog_id" ${message}`, [{ path: 'catalog_id', message }]);
}

/** The catalog's name for a model is the provider's own, but where owners or regions name it. */
function modelOf(entry: CatalogEntry | undefined, { kind }: ProviderRow): string {
  if (entry && kind !== 'azure-openai' && kind !== 'bedrock') return entry.model;
  const message = entry
    ? `is needed besides "catalog_id": a provider of the kind ${kind} has names of its own for models`
    : 'is needed, or "catalog_id"';
  throw new ServiceError('invalid_request', `"upstream_model" ${message}`, [
    { path: 'upstream_model', message },
  ]);
}
