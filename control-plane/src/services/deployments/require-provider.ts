import type { DatabaseTransaction } from '../../db/transactions.ts';
import { selectProvider } from '../providers/providers.queries.ts';
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
): Promise<void> {
  if (await selectProvider(transaction, organizationId, providerId)) return;
  const message = `there is no provider ${providerId} in this organization`;
  throw new ServiceError('invalid_request', message, [{ path: 'provider_id', message }]);
}
