import { newId } from '@bonito/protocol';
import { CATALOG_EDITION } from '../../catalog/catalog.ts';
import { type DatabaseTransaction, tenantTransaction } from '../../db/transactions.ts';
import { appendAuditEntry } from '../audit-log/audit-log.queries.ts';
import { lockOrganization } from '../organizations/organizations.queries.ts';
import { type ProviderRow, selectAllProviders } from '../providers/providers.queries.ts';
import type { ServiceContext } from '../service-context.ts';
import { type DeploymentRow, selectLookedUp, updateDeploymentRow } from './deployments.queries.ts';
import { presentDeployment } from './present-deployment.ts';
import { type PriceColumns, resolvePrice } from './resolve-price.ts';
import { NOTHING_WRITTEN } from './written-price.ts';

/** What of a service's context is needed: regular work has no more. */
type Repricing = Omit<ServiceContext, 'issueAgentToken'>;

/**
 * Looks the prices of a provider's deployments up anew after the provider has changed, as part of that change's transaction.
 * Each deployment whose price is another one now gets its new revision and an entry of its own in the audit log.
 *
 * @returns how many prices changed
 */
export async function repriceDeployments(
  context: Repricing,
  transaction: DatabaseTransaction,
  provider: ProviderRow,
): Promise<number> {
  const rows = await selectLookedUp(transaction, context.organizationId, provider.id);
  return storeNewPrices(context, transaction, newPrices(rows, [provider], context.clock.now()));
}

/**
 * Brings an organization's prices up to what the catalog says today: a price whose day has come, a release with a newer
 * catalog. Prices that were looked up in a newer catalog than this process has are left alone. Doing it twice changes nothing.
 *
 * @returns how many prices changed
 */
export async function repriceOrganization(context: Repricing): Promise<number> {
  const { db, organizationId } = context;
  const find = async (transaction: DatabaseTransaction) =>
    newPrices(
      (await selectLookedUp(transaction, organizationId)).filter(
        ({ price_edition: edition }) => edition === null || edition <= CATALOG_EDITION,
      ),
      await selectAllProviders(transaction, organizationId),
      context.clock.now(),
    );
  // Mostly nothing has changed, and nobody has to wait for the answer.
  if ((await tenantTransaction(db, organizationId, find)).length === 0) return 0;
  const changed = await tenantTransaction(db, organizationId, async (transaction) => {
    if (!(await lockOrganization(transaction, organizationId))) return 0;
    const count = await storeNewPrices(context, transaction, await find(transaction));
    if (count > 0) await context.publisher.changed(transaction, organizationId, ['deployments']);
    return count;
  });
  if (changed > 0) context.publisher.announce(organizationId);
  return changed;
}

interface NewPrice {
  before: DeploymentRow;
  price: PriceColumns;
}

function newPrices(
  rows: readonly DeploymentRow[],
  providers: readonly ProviderRow[],
  now: number,
): NewPrice[] {
  return rows.flatMap((before) => {
    const provider = providers.find(({ id }) => id === before.provider_id);
    if (!provider) return [];
    const price = resolvePrice(NOTHING_WRITTEN, provider, before, now);
    return price.price_revision === before.price_revision && price.price_source === before.price_source
      ? []
      : [{ before, price }];
  });
}

async function storeNewPrices(
  context: Repricing,
  transaction: DatabaseTransaction,
  changes: readonly NewPrice[],
): Promise<number> {
  const { organizationId, actor, clock } = context;
  const now = new Date(clock.now());
  for (const { before, price } of changes) {
    const after = await updateDeploymentRow(transaction, organizationId, before.id, {
      ...price,
      updated_at: now,
    });
    await appendAuditEntry(transaction, {
      org_id: organizationId,
      id: newId(now.getTime()),
      occurred_at: now,
      actor: `${actor.type}:${actor.id}`,
      action: 'deployment.repriced',
      object_type: 'deployment',
      object_id: before.id,
      before: JSON.stringify(presentDeployment(before)),
      after: JSON.stringify(presentDeployment(after)),
      request_id: context.requestId ?? null,
    });
  }
  return changes.length;
}
