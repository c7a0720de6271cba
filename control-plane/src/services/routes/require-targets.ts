import type { DatabaseTransaction } from '../../db/transactions.ts';
import { liveDeployments } from '../deployments/deployments.queries.ts';
import { ServiceError } from '../service-error.ts';

/**
 * Checks that all of a route's targets are there.
 *
 * @throws ServiceError `invalid_request`, with every place that is wrong; the same for a deployment of another organization
 */
export async function requireTargets(
  transaction: DatabaseTransaction,
  organizationId: string,
  targets: readonly string[],
): Promise<void> {
  const live = await liveDeployments(transaction, organizationId, targets);
  const issues = targets.flatMap((id, index) =>
    live.has(id)
      ? []
      : [{ path: `targets[${index}]`, message: `there is no deployment ${id} in this organization` }],
  );
  if (issues[0]) throw new ServiceError('invalid_request', issues[0].message, issues);
}
