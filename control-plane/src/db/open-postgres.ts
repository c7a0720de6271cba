import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { createPostgresListener } from './listen.ts';
import { migrate } from './migrator.ts';
import type { OpenDatabase } from './open-database.ts';
import { TENANT_ROLE } from './roles.ts';
import { INT8_TYPE, parseInt8 } from './safe-integers.ts';
import type { Schema } from './schema.ts';
import { createDatabase } from './transactions.ts';

const CONNECT_MILLISECONDS = 10_000;

const types: pg.CustomTypesConfig = {
  getTypeParser: (type, format) =>
    type === INT8_TYPE && format !== 'binary' ? parseInt8 : pg.types.getTypeParser(type, format),
};

/** Opens a pool on a Postgres server. Migrations run on a connection of their own, as the login role. */
export async function openPostgres(
  options: { url: string; poolSize?: number },
  onConnectionError: (error: Error) => void,
): Promise<OpenDatabase> {
  const config = {
    connectionString: options.url,
    connectionTimeoutMillis: CONNECT_MILLISECONDS,
    application_name: 'bonito-control-plane',
    types,
  };
  const migrated = await migrateAsOwner(config);
  const pgPool = new pg.Pool({
    ...config,
    max: options.poolSize ?? 10,
    // The pool hands a new connection out only after this has passed.
    verify: (client, done) => {
      client.query(`set role ${TENANT_ROLE}`).then(() => done(), done);
    },
  });
  // Without a listener the error of an idle connection would end the process.
  pgPool.on('error', onConnectionError);
  // One that breaks while it is lent out tells only its own listeners; the query on it fails besides.
  pgPool.on('connect', (client) => client.on('error', () => {}));
  const pool = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: pgPool }) });
  const listener = createPostgresListener(config);
  return {
    kind: 'postgres',
    database: createDatabase(pool),
    listener,
    migrated,
    async close() {
      await listener.close();
      await pool.destroy();
    },
  };
}

async function migrateAsOwner(config: pg.PoolConfig): Promise<string[]> {
  const pool = new pg.Pool({ ...config, max: 1 });
  pool.on('error', () => {});
  const owner = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await migrate(owner);
  } finally {
    await owner.destroy();
  }
}
