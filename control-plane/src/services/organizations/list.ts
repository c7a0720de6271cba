import { listOrganizations as listAll } from '../../db/system.queries.ts';
import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { selectOrganization } from './organizations.queries.ts';
import type { Organization } from './organizations.schemas.ts';
import { presentOrganization } from './present-organization.ts';

/** Every organization for a token of the platform; its own one for any other. */
export async function listOrganizations(
  context: ServiceContext,
  query: PageQuery,
): Promise<Page<Organization>> {
  const page = readPageQuery(query);
  if (context.actor.type === 'platform_token') {
    return toPage(await listAll(context.db, page.after, page.limit), query, presentOrganization);
  }
  const own = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectOrganization(transaction, context.organizationId),
  );
  return toPage(own && !page.after ? [own] : [], query, presentOrganization);
}
