import { afterAll, beforeAll, describe } from 'vitest';
import { type OpenDatabase, openDatabase } from '../db/open-database.ts';
import { findPostgresBinaries, type PostgresServer, startPostgresServer } from './postgres-server.ts';

/** The database of the running suite. */
export interface SuiteDatabase {
  readonly kind: OpenDatabase['kind'];
  readonly open: OpenDatabase;
  /** Where a second process may open the same database; undefined on the embedded one, which has one session only. */
  readonly url: string | undefined;
}

/**
 * Runs a suite on the embedded Postgres and on a real server. Without server binaries the second is skipped with a word,
 * or fails where `CI` is set.
 */
export function describeOnEachDatabase(name: string, suite: (suiteDatabase: SuiteDatabase) => void): void {
  describe(`${name} (embedded Postgres)`, () => runSuite('pglite', undefined, suite));
  const binaries = findPostgresBinaries();
  const title = `${name} (Postgres server)`;
  if (binaries) describe(title, () => runSuite('postgres', binaries, suite));
  else if (process.env.CI) {
    describe(title, () => {
      beforeAll(() => {
        throw new Error('no Postgres binaries on this machine: install the package postgresql');
      });
      suite(unopened('postgres'));
    });
  } else
    describe.skip(`${title}: skipped, no Postgres binaries on this machine`, () =>
      suite(unopened('postgres')));
}

function unopened(kind: OpenDatabase['kind']): SuiteDatabase {
  return {
    kind,
    url: undefined,
    get open(): OpenDatabase {
      throw new Error('the database is not open yet');
    },
  };
}

function runSuite(
  kind: OpenDatabase['kind'],
  binaries: string | undefined,
  suite: (suiteDatabase: SuiteDatabase) => void,
): void {
  let server: PostgresServer | undefined;
  let open: OpenDatabase | undefined;
  let url: string | undefined;

  beforeAll(async () => {
    if (binaries) {
      server = await startPostgresServer(binaries);
      url = await server.createDatabase();
      open = await openDatabase({ kind: 'postgres', url });
    } else open = await openDatabase({ kind: 'pglite' });
  });
  afterAll(async () => {
    await open?.close();
    await server?.stop();
  });

  suite({
    kind,
    get url() {
      return url;
    },
    get open() {
      if (!open) throw new Error('the database is not open yet');
      return open;
    },
  });
}
