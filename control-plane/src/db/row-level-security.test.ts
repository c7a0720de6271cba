import { newId } from '@bonito/protocol';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { describeOnEachDatabase } from '../testing/each-database.ts';
import { createTestOrganization } from '../testing/organization.ts';
import { createPartition } from './row-level-security.ts';
import {
  type DatabaseTransaction,
  ownerTransaction,
  systemTransaction,
  tenantTransaction,
} from './transactions.ts';

/** Tables and partitions, each with what guards it. */
async function listTables(transaction: DatabaseTransaction) {
  const { rows } = await sql<{
    name: string;
    has_org_id: boolean;
    forced: boolean;
    first_key_column: string | null;
  }>`
    select
      class.relname as name,
      class.relrowsecurity and class.relforcerowsecurity as forced,
      exists (
        select from pg_attribute
        where attrelid = class.oid and attname = 'org_id' and not attisdropped
      ) as has_org_id,
      (
        select attribute.attname
        from pg_index
        join pg_attribute attribute on attribute.attrelid = class.oid and attribute.attnum = pg_index.indkey[0]
        where pg_index.indrelid = class.oid and pg_index.indisprimary
      ) as first_key_column
    from pg_class class
    where class.relkind in ('r', 'p') and class.relnamespace = current_schema()::regnamespace
    order by name
  `.execute(transaction);
  return rows;
}

/** Tables that hold no tenant's rows. A new one is added here only with a reason. */
const TABLES_WITHOUT_A_TENANT = new Set(['kysely_migration', 'kysely_migration_lock']);

describeOnEachDatabase('row-level security', (suite) => {
  it('is forced on every table and partition, whose primary key starts with the organization', async () => {
    const tables = await ownerTransaction(suite.open.database, listTables);
    expect(tables.length).toBeGreaterThan(10);
    const guarded = tables.filter((table) => !TABLES_WITHOUT_A_TENANT.has(table.name));
    expect(guarded.filter((table) => !table.forced)).toEqual([]);
    const tenantTables = guarded.filter((table) => table.has_org_id);
    expect(tenantTables.filter((table) => table.first_key_column !== 'org_id')).toEqual([]);
  });

  it('is on a new partition too, which shows nothing when it is named directly', async () => {
    const parent = `parted_${newId().slice(-6)}`;
    const partition = `${parent}_default`;
    const db = suite.open.database;
    await ownerTransaction(db, async (transaction) => {
      await sql`create table ${sql.table(parent)} (org_id uuid, primary key (org_id)) partition by hash (org_id)`.execute(
        transaction,
      );
      await createPartition(transaction, parent, partition, 'for values with (modulus 1, remainder 0)');
      await createPartition(transaction, parent, partition, 'for values with (modulus 1, remainder 0)');
      const made = (await listTables(transaction)).find((table) => table.name === partition);
      expect(made).toMatchObject({ forced: true });
      await sql`drop table ${sql.table(parent)}`.execute(transaction);
    });
  });

  it('shows and takes only the rows of the tenant in whose name a transaction runs', async () => {
    const db = suite.open.database;
    const [mine, theirs] = [await createTestOrganization(db), await createTestOrganization(db)];
    const seen = await tenantTransaction(db, mine, (transaction) =>
      transaction.selectFrom('organizations').select('id').execute(),
    );
    expect(seen).toEqual([{ id: mine }]);

    const entry = {
      id: newId(),
      occurred_at: new Date(),
      actor: 'system',
      action: 'a',
      object_type: 'o',
      object_id: 'i',
    };
    const foreign = tenantTransaction(db, mine, (transaction) =>
      transaction
        .insertInto('audit_log')
        .values({ ...entry, org_id: theirs })
        .execute(),
    );
    await expect(foreign).rejects.toThrow(/row-level security/);
    await tenantTransaction(db, theirs, (transaction) =>
      transaction
        .insertInto('audit_log')
        .values({ ...entry, org_id: theirs })
        .execute(),
    );
    const foreignRows = await tenantTransaction(db, mine, (transaction) =>
      transaction.selectFrom('audit_log').selectAll().where('org_id', '=', theirs).execute(),
    );
    expect(foreignRows).toEqual([]);
  });

  it('keeps the audit log append-only and platform tokens out of sight', async () => {
    const db = suite.open.database;
    const mine = await createTestOrganization(db);
    const asTenant = (statement: string) =>
      tenantTransaction(db, mine, (transaction) => sql.raw(statement).execute(transaction));
    await expect(asTenant('delete from audit_log')).rejects.toThrow(/permission denied/);
    await expect(asTenant("update audit_log set actor = 'x'")).rejects.toThrow(/permission denied/);
    await expect(asTenant('select * from platform_tokens')).rejects.toThrow(/permission denied/);
    await expect(asTenant('delete from organizations')).rejects.toThrow(/permission denied/);
  });

  it('lets the system role reach only what it was allowed', async () => {
    const statement = (text: string) =>
      systemTransaction(suite.open.database, (transaction) => sql.raw(text).execute(transaction));
    await expect(statement('select * from keys')).rejects.toThrow(/permission denied/);
    await expect(statement("update organizations set name = 'x'")).rejects.toThrow(/permission denied/);
    await statement('select id from organizations');
  });

  it('binds every connection: neither role is a superuser or may bypass it', async () => {
    const read = (transaction: DatabaseTransaction) =>
      sql<{ current: string; strong: boolean }>`
        select current_user as current, rolsuper or rolbypassrls as strong from pg_roles where rolname = current_user
      `.execute(transaction);
    const tenant = await tenantTransaction(suite.open.database, newId(), read);
    expect(tenant.rows).toEqual([{ current: 'bonito_tenant', strong: false }]);
    const system = await systemTransaction(suite.open.database, read);
    expect(system.rows).toEqual([{ current: 'bonito_system', strong: false }]);
  });
});
