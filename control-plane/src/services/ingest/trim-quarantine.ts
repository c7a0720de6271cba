import type { Database } from '../../db/transactions.ts';
import { trimQuarantine as trim } from './quarantine.system.queries.ts';

/** Entries are for looking into what went wrong lately; they are not an archive. */
const LIMITS = { days: 30, perOrganization: 10_000 };

export function trimQuarantine(database: Database): Promise<void> {
  return trim(database, LIMITS);
}
