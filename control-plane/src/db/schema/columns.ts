import type { ColumnType } from 'kysely';

/** A `jsonb` column: read parsed, written as JSON text, because the drivers disagree about arrays. */
export type JsonColumn<Value> = ColumnType<Value, string, string>;

/** A `timestamptz` column: read as a Date, written as a Date. */
export type TimestampColumn = ColumnType<Date, Date, Date>;
export type NullableTimestampColumn = ColumnType<Date | null, Date | null | undefined, Date | null>;
