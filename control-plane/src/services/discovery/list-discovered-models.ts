import { formatTimestamp } from '@bonito/protocol';
import { findCatalogEntry } from '../../catalog/catalog.ts';
import { soldPrice } from '../../catalog/sold-price.ts';
import { tenantTransaction } from '../../db/transactions.ts';
import type { Page, PageQuery } from '../lists/page.ts';
import { textPage } from '../lists/text-page.ts';
import { selectProvider } from '../providers/providers.queries.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { selectDiscovered, selectModelsInUse } from './discovered-models.queries.ts';
import type { DiscoveredModel } from './discovery.schemas.ts';

/** A page of what a provider listed, by name; nothing before an agent has asked it. @throws ServiceError `not_found` */
export async function listDiscoveredModels(
  context: ServiceContext,
  providerId: string,
  query: PageQuery,
): Promise<Page<DiscoveredModel>> {
  const { organizationId } = context;
  return tenantTransaction(context.db, organizationId, async (transaction) => {
    const provider = await selectProvider(transaction, organizationId, providerId);
    if (!provider) throw notFound('provider');
    const discovered = await selectDiscovered(transaction, organizationId, providerId);
    if (!discovered) return { data: [], next_cursor: null };
    const used = Map.groupBy(
      await selectModelsInUse(transaction, organizationId, providerId),
      ({ upstream_model }) => upstream_model,
    );
    const page = textPage(discovered.models, query, (model) => model);
    const discovered_at = formatTimestamp(discovered.occurred_at.getTime());
    return {
      ...page,
      data: page.data.map((model) => {
        const entry = findCatalogEntry(provider, model);
        return {
          ...{ model, discovered_at },
          catalog_id: entry?.id ?? null,
          context_window: entry?.context_window ?? null,
          capabilities: entry?.capabilities?.names ?? null,
          priced: entry !== undefined && soldPrice(entry, provider, context.clock.now()) !== undefined,
          deployments: used.get(model)?.map(({ name }) => name) ?? [],
        };
      }),
    };
  });
}
