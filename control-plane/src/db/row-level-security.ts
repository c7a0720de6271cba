import { type Kysely, sql } from 'kysely';
import { SYSTEM_ROLE, TENANT_ROLE } from './roles.ts';

type Command = 'select' | 'insert' | 'update' | 'delete';
const ALL_COMMANDS: readonly Command[] = ['select', 'insert', 'update', 'delete'];

/**
 * Enables and forces row-level security on a new table and lets a tenant reach its own rows.
 *
 * @param commands what the tenant may do; an append-only table leaves out `update` and `delete`
 * @param column the column that holds the organization
 */
export async function protectTenantTable<Schema>(
  db: Kysely<Schema>,
  table: string,
  commands: readonly Command[] = ALL_COMMANDS,
  column = 'org_id',
): Promise<void> {
  await forceRowLevelSecurity(db, table);
  const own = sql`${sql.ref(column)} = (select bonito_organization())`;
  await sql`
    create policy tenant on ${sql.table(table)} to ${sql.id(TENANT_ROLE)} using (${own}) with check (${own})
  `.execute(db);
  await sql`grant ${sql.raw(commands.join(', '))} on ${sql.table(table)} to ${sql.id(TENANT_ROLE)}`.execute(
    db,
  );
}

/** Lets the listed system queries reach the rows of every tenant in one table, for these commands only. */
export async function allowSystem<Schema>(
  db: Kysely<Schema>,
  table: string,
  commands: readonly Command[],
): Promise<void> {
  for (const command of commands) {
    const condition = sql.raw(
      { select: 'using (true)', delete: 'using (true)', insert: 'with check (true)', update: 'using (true)' }[
        command
      ],
    );
    await sql`
      create policy ${sql.id(`system_${command}`)} on ${sql.table(table)}
        for ${sql.raw(command)} to ${sql.id(SYSTEM_ROLE)} ${condition}
    `.execute(db);
  }
  await sql`grant ${sql.raw(commands.join(', '))} on ${sql.table(table)} to ${sql.id(SYSTEM_ROLE)}`.execute(
    db,
  );
}

/**
 * Makes a partition if it is not there, with row-level security forced on it. Tenants reach it through its parent only:
 * without grants and policies of its own it shows nothing when it is named directly.
 *
 * @param bounds the text after the parent's name: `default`, or `for values from ('2026-11-01') to ('2026-12-01')`
 */
export async function createPartition<Schema>(
  db: Kysely<Schema>,
  parent: string,
  partition: string,
  bounds: string,
): Promise<void> {
  await sql`
    create table if not exists ${sql.table(partition)} partition of ${sql.table(parent)} ${sql.raw(bounds)}
  `.execute(db);
  await forceRowLevelSecurity(db, partition);
}

async function forceRowLevelSecurity<Schema>(db: Kysely<Schema>, table: string): Promise<void> {
  await sql`alter table ${sql.table(table)} enable row level security, force row level security`.execute(db);
}
