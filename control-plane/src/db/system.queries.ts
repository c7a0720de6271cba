import { type Database, systemTransaction } from './transactions.ts';

// The only door without a tenant. What is not listed here, or in another `*.system.queries.ts`, is asked as one tenant.

/** Who a token of the admin API belongs to. */
export type AdminIdentity =
  | { type: 'admin_token'; id: string; organizationId: string }
  | { type: 'platform_token'; id: string; organizationId: string | undefined };

/** Looks an administrator's token up by its hash; undefined when it is unknown, revoked, or its organization is deleted. */
export function findAdminIdentity(db: Database, sha256: string): Promise<AdminIdentity | undefined> {
  return systemTransaction(db, async (transaction) => {
    const own = await transaction
      .selectFrom('admin_tokens')
      .innerJoin('organizations', 'organizations.id', 'admin_tokens.org_id')
      .select(['admin_tokens.id', 'admin_tokens.org_id'])
      .where('admin_tokens.sha256', '=', sha256)
      .where('admin_tokens.revoked_at', 'is', null)
      .where('organizations.deleted_at', 'is', null)
      .executeTakeFirst();
    if (own) return { type: 'admin_token', id: own.id, organizationId: own.org_id };
    const platform = await transaction
      .selectFrom('platform_tokens')
      .leftJoin('organizations', (join) =>
        join
          .onRef('organizations.id', '=', 'platform_tokens.home_organization')
          .on('organizations.deleted_at', 'is', null),
      )
      .select(['platform_tokens.id', 'organizations.id as organization_id'])
      .where('platform_tokens.sha256', '=', sha256)
      .where('platform_tokens.revoked_at', 'is', null)
      .executeTakeFirst();
    if (!platform) return undefined;
    return { type: 'platform_token', id: platform.id, organizationId: platform.organization_id ?? undefined };
  });
}

/** Whether an organization is there and not deleted. */
export function organizationExists(db: Database, organizationId: string): Promise<boolean> {
  return systemTransaction(db, async (transaction) => {
    const row = await transaction
      .selectFrom('organizations')
      .select('id')
      .where('id', '=', organizationId)
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    return row !== undefined;
  });
}

/** Stores a platform token under its id; a token that was there under the same id ends, and leaves its organization. */
export function storePlatformToken(
  db: Database,
  token: { id: string; name: string; sha256: string; hint: string; createdAt: Date },
): Promise<void> {
  const { createdAt, ...values } = token;
  return systemTransaction(db, async (transaction) => {
    await transaction
      .insertInto('platform_tokens')
      .values({ ...values, created_at: createdAt })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ sha256: values.sha256, hint: values.hint, revoked_at: null }),
      )
      .execute();
  });
}

/** A page of live organizations by id. */
export function listOrganizations(db: Database, after: string | undefined, limit: number) {
  return systemTransaction(db, (transaction) => {
    let query = transaction.selectFrom('organizations').selectAll().where('deleted_at', 'is', null);
    if (after) query = query.where('id', '>', after);
    return query.orderBy('id').limit(limit).execute();
  });
}

/** Makes an organization the home of a platform token that has none yet. */
export function adoptHomeOrganization(
  db: Database,
  platformTokenId: string,
  organizationId: string,
): Promise<void> {
  return systemTransaction(db, async (transaction) => {
    await transaction
      .updateTable('platform_tokens')
      .set({ home_organization: organizationId })
      .where('id', '=', platformTokenId)
      .where('home_organization', 'is', null)
      .execute();
  });
}

/** Asks the database for nothing, to learn that it answers. */
export function ping(db: Database): Promise<void> {
  return systemTransaction(db, async () => {});
}
