import { AsyncLocalStorage } from 'node:async_hooks';
import { type IsolationLevel, type Kysely, sql, type Transaction } from 'kysely';
import { ORGANIZATION_SETTING, SYSTEM_ROLE, TENANT_ROLE } from './roles.ts';
import type { Schema } from './schema.ts';

/** An open transaction; what every query takes. */
export type DatabaseTransaction = Transaction<Schema>;

/** A pool that can only be used through the transactions below, so that no query runs without a role and a tenant. */
export interface Database {
  transaction<Result>(
    role: string,
    organizationId: string,
    work: (transaction: DatabaseTransaction) => Promise<Result>,
    isolationLevel?: IsolationLevel,
  ): Promise<Result>;
}

/** Thrown when a transaction is opened inside another one. Embedded Postgres has one session and would wait for ever. */
export class NestedTransactionError extends Error {
  override readonly name = 'NestedTransactionError';
  constructor() {
    super('a transaction was opened inside another one: pass the open transaction on instead');
  }
}

const scope = new AsyncLocalStorage<{ open: boolean }>();

/** Wraps a pool. Each transaction sets its role and its tenant in its first statement. */
export function createDatabase(pool: Kysely<Schema>): Database {
  return {
    async transaction(role, organizationId, work, isolationLevel) {
      if (scope.getStore()?.open) throw new NestedTransactionError();
      const mine = { open: true };
      const builder = pool.transaction();
      try {
        return await scope.run(mine, () =>
          (isolationLevel ? builder.setIsolationLevel(isolationLevel) : builder).execute(
            async (transaction) => {
              await sql`
              select set_config('role', ${role}, true),
                     set_config(${ORGANIZATION_SETTING}, ${organizationId}, true)
            `.execute(transaction);
              return work(transaction);
            },
          ),
        );
      } finally {
        mine.open = false;
      }
    },
  };
}

/**
 * Runs `work` as one organization: row-level security shows and takes its rows only.
 *
 * @throws NestedTransactionError inside another transaction.
 */
export function tenantTransaction<Result>(
  database: Database,
  organizationId: string,
  work: (transaction: DatabaseTransaction) => Promise<Result>,
  isolationLevel?: IsolationLevel,
): Promise<Result> {
  return database.transaction(TENANT_ROLE, organizationId, work, isolationLevel);
}

/** Runs `work` without a tenant. Only `*.system.queries.ts` and `db/system.queries.ts` may call it; a test checks that. */
export function systemTransaction<Result>(
  database: Database,
  work: (transaction: DatabaseTransaction) => Promise<Result>,
): Promise<Result> {
  return database.transaction(SYSTEM_ROLE, '', work);
}

/** Runs `work` as the role that owns the tables, for making partitions. Callers are held to the same test. */
export function ownerTransaction<Result>(
  database: Database,
  work: (transaction: DatabaseTransaction) => Promise<Result>,
): Promise<Result> {
  return database.transaction('none', '', work);
}
