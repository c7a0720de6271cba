import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { CompiledQuery, Kysely, PGliteDialect } from 'kysely';
import { lockFolder } from './folder-lock.ts';
import { createPgliteListener } from './listen.ts';
import { migrate } from './migrator.ts';
import type { OpenDatabase } from './open-database.ts';
import { TENANT_ROLE } from './roles.ts';
import { INT8_TYPE, parseInt8 } from './safe-integers.ts';
import type { Schema } from './schema.ts';
import { createDatabase } from './transactions.ts';

/** Opens the embedded database, alone on its folder. Its only session starts as a superuser and steps down before it serves. */
export async function openPglite(options: { folder?: string; snapshot?: Blob }): Promise<OpenDatabase> {
  let unlock: (() => Promise<void>) | undefined;
  let dataDir: string | undefined;
  if (options.folder) {
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    unlock = await lockFolder(options.folder);
    dataDir = path.join(options.folder, 'postgres');
  }
  try {
    const pglite = await PGlite.create({
      ...(dataDir && { dataDir }),
      ...(options.snapshot && { loadDataDir: options.snapshot }),
      parsers: { [INT8_TYPE]: parseInt8 },
    });
    try {
      const migrated = await migrate(new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) }));
      const pool = new Kysely<Schema>({
        dialect: new PGliteDialect({
          pglite,
          onCreateConnection: async (connection) => {
            await connection.executeQuery(CompiledQuery.raw(`set role ${TENANT_ROLE}`));
          },
        }),
      });
      const listener = createPgliteListener(pglite);
      return {
        kind: 'pglite',
        database: createDatabase(pool),
        listener,
        migrated,
        async close() {
          await listener.close();
          await pool.destroy();
          if (!pglite.closed) await pglite.close();
          await unlock?.();
        },
      };
    } catch (error) {
      await pglite.close();
      throw error;
    }
  } catch (error) {
    await unlock?.();
    throw error;
  }
}
