import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { selectKey } from './keys.queries.ts';
import type { KeyResource } from './keys.schemas.ts';
import { presentKey } from './present-key.ts';

export async function readKey(context: ServiceContext, id: string): Promise<KeyResource> {
  const row = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectKey(transaction, context.organizationId, id),
  );
  if (!row) throw notFound('key');
  return presentKey(row);
}
