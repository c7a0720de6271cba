import type { Kysely } from 'kysely';
import { allowSystem } from '../row-level-security.ts';

/** Lets regular work remove the streams that have ended. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await allowSystem(db, 'ingest_streams', ['select', 'delete']);
}
