import type { DatabaseTransaction } from '../../db/transactions.ts';

/** What a provider listed when an agent asked it last. */
export function selectDiscovered(
  transaction: DatabaseTransaction,
  organizationId: string,
  providerId: string,
) {
  return transaction
    .selectFrom('discovered_models')
    .select(['occurred_at', 'models'])
    .where('org_id', '=', organizationId)
    .where('provider_id', '=', providerId)
    .executeTakeFirst();
}

/** The live deployments of a provider: what clients and what the provider call each. */
export function selectModelsInUse(
  transaction: DatabaseTransaction,
  organizationId: string,
  providerId: string,
) {
  return transaction
    .selectFrom('deployments')
    .select(['name', 'upstream_model'])
    .where('org_id', '=', organizationId)
    .where('provider_id', '=', providerId)
    .where('deleted_at', 'is', null)
    .orderBy('name')
    .execute();
}
