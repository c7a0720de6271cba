import { tenantTransaction } from '../../db/transactions.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { selectOrganization } from './organizations.queries.ts';
import type { Organization } from './organizations.schemas.ts';
import { presentOrganization } from './present-organization.ts';

export async function readOrganization(context: ServiceContext): Promise<Organization> {
  const row = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectOrganization(transaction, context.organizationId),
  );
  if (!row) throw notFound('organization');
  return presentOrganization(row);
}
