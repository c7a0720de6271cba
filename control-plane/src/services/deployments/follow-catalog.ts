import { listOrganizations } from '../../db/system.queries.ts';
import type { Database } from '../../db/transactions.ts';
import { changed } from '../../snapshots/publish-change.ts';
import { repriceOrganization } from './reprice.ts';

const ORGANIZATIONS_AT_ONCE = 200;

/**
 * Brings the prices of all organizations up to the catalog of today. Agents hear of it as of any other change: replicas notify
 * each other when its transaction commits.
 *
 * @param now milliseconds since 1970
 * @returns how many prices changed
 * @throws AggregateError after all others had their turn, with what went wrong at each organization
 */
export async function followCatalog(db: Database, now: number): Promise<number> {
  let count = 0;
  const errors: unknown[] = [];
  for (let after: string | undefined; ; ) {
    const page = await listOrganizations(db, after, ORGANIZATIONS_AT_ONCE);
    for (const { id: organizationId } of page) {
      const context = {
        ...{ db, organizationId, clock: { now: () => now } },
        publisher: { changed, announce: () => {} },
        actor: { type: 'system' as const, id: 'catalog' },
      };
      count += await repriceOrganization(context).catch((error: unknown) => {
        errors.push(error);
        return 0;
      });
    }
    after = page.at(-1)?.id;
    if (page.length < ORGANIZATIONS_AT_ONCE) break;
  }
  if (errors.length > 0)
    throw new AggregateError(errors, 'the prices of some organizations were not looked up');
  return count;
}
