import type { Listener } from './listen.ts';
import { openPglite } from './open-pglite.ts';
import { openPostgres } from './open-postgres.ts';
import type { Database } from './transactions.ts';

/** A database that is up to date and open under the unprivileged role. */
export interface OpenDatabase {
  readonly kind: 'pglite' | 'postgres';
  readonly database: Database;
  readonly listener: Listener;
  /** The migrations that ran while opening. */
  readonly migrated: readonly string[];
  close(): Promise<void>;
}

export type DatabaseOptions =
  | { kind: 'postgres'; url: string; poolSize?: number }
  /** Without a folder it lives in memory. */
  | { kind: 'pglite'; folder?: string; snapshot?: Blob };

/**
 * Opens the database, migrates it as its owner, and answers with a pool under the unprivileged role.
 *
 * @param onConnectionError hears of idle connections that broke; the pool replaces them
 * @throws MigrationError, FolderInUseError, or the driver's own error when it cannot be reached
 */
export function openDatabase(
  options: DatabaseOptions,
  onConnectionError: (error: Error) => void = () => {},
): Promise<OpenDatabase> {
  return options.kind === 'postgres' ? openPostgres(options, onConnectionError) : openPglite(options);
}
