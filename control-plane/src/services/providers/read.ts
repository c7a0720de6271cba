import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { presentProvider } from './present-provider.ts';
import { selectProvider } from './providers.queries.ts';
import type { ProviderResource } from './providers.schemas.ts';

export async function readProvider(context: ServiceContext, id: string): Promise<ProviderResource> {
  const row = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectProvider(transaction, context.organizationId, id),
  );
  if (!row) throw notFound('provider');
  return presentProvider(row);
}
