import { type RawBuilder, sql } from 'kysely';
import { type ArrayElement, arrayLiteral } from './array-literal.ts';

/** A column of a table, and where its value is in a row of the program. */
export interface Column<Row> {
  name: string;
  type: 'uuid' | 'text' | 'timestamptz' | 'smallint' | 'int' | 'bigint' | 'boolean';
  of(row: Row): ArrayElement;
}

/**
 * `insert into table (…) select * from unnest(…)`: any number of rows in one statement with one parameter for each
 * column. The organization is a parameter of its own.
 */
export function insertColumns<Row>(
  table: string,
  organizationId: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): RawBuilder<unknown> {
  const names = columns.map((column) => sql.ref(column.name));
  const arrays = columns.map((column) => {
    const literal = arrayLiteral(rows.map((row) => column.of(row)));
    // Through text, so that both drivers send the literal as it is.
    return sql`${literal}::text::${sql.raw(column.type)}[]`;
  });
  return sql`
    insert into ${sql.table(table)} (org_id, ${sql.join(names)})
    select ${organizationId}::uuid, incoming.* from unnest(${sql.join(arrays)}) as incoming
  `;
}
