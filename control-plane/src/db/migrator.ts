import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { migrations as allMigrations } from './migrations/index.ts';

/** A migration that failed. Nothing of it is kept; the process does not serve. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly migration: string;
  constructor(migration: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`migration ${migration} failed: ${reason}`, { cause });
    this.migration = migration;
  }
}

/**
 * Brings the database up to date, all in one transaction under a lock, so that replicas may start at once.
 *
 * @param db a pool whose role owns the schema
 * @returns the names of the migrations that ran now
 * @throws MigrationError, or the driver's own error when the database cannot be reached
 */
export async function migrate<Schema>(
  db: Kysely<Schema>,
  migrations: Record<string, Migration> = allMigrations,
): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find((result) => result.status === 'Error');
    throw failed ? new MigrationError(failed.migrationName, error) : error;
  }
  return (results ?? []).map((result) => result.migrationName);
}
