import { PGlite } from '@electric-sql/pglite';
import { CompiledQuery, Kysely, PGliteDialect, sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MigrationError, migrate } from './migrator.ts';

describe('migrating', () => {
  let db: Kysely<unknown>;
  beforeAll(() => {
    db = new Kysely({ dialect: new PGliteDialect({ pglite: new PGlite() }) });
  });
  afterAll(() => db.destroy());

  const table = (name: string) => ({
    up: async (connection: Kysely<unknown>) => {
      await sql`create table ${sql.table(name)} (id int)`.execute(connection);
    },
  });
  const tables = async () => {
    const { rows } = await db.executeQuery<{ name: string }>(
      CompiledQuery.raw(
        "select relname as name from pg_class where relkind = 'r' and relname like 'test_%' order by 1",
      ),
    );
    return rows.map((row) => row.name);
  };

  it('keeps nothing of a run in which one migration failed, and names it', async () => {
    const broken = {
      up: async (connection: Kysely<unknown>) => {
        await sql`select * from nowhere`.execute(connection);
      },
    };
    const failing = migrate(db, { '0001-a': table('test_a'), '0002-b': broken });
    await expect(failing).rejects.toBeInstanceOf(MigrationError);
    await expect(migrate(db, { '0001-a': table('test_a'), '0002-b': broken })).rejects.toThrow(
      /^migration 0002-b failed: .*nowhere/,
    );
    expect(await tables()).toEqual([]);
  });

  it('runs each migration once', async () => {
    expect(await migrate(db, { '0001-a': table('test_a') })).toEqual(['0001-a']);
    expect(await migrate(db, { '0001-a': table('test_a'), '0002-b': table('test_b') })).toEqual(['0002-b']);
    expect(await migrate(db, { '0001-a': table('test_a'), '0002-b': table('test_b') })).toEqual([]);
    expect(await tables()).toEqual(['test_a', 'test_b']);
  });
});
