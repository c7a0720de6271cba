import type { DatabaseTransaction } from '../../db/transactions.ts';
import { type ProviderRow, selectProvider } from '../providers/providers.queries.ts';
import { ServiceError } from '../service-error.ts';

/**
 * Checks that a deployment's provider is there.
 *
 * @throws ServiceError `invalid_request`; the same for one of another organization
 */
export async function requireProvider(
  transaction: DatabaseTransaction,
  organizationId: string,
  providerId: string,
): Promise<ProviderRow> {
  const provider = await selectProvider(transaction, organizationId, providerId);
  if (provider) return provider;
  const message = `there is no provider ${providerId} in this organization`;
  throw new ServiceError('invalid_request', message, [{ path: 'provider_id', message }]);
}
