import type { Database } from '../db/transactions.ts';
import { removeSupersededSections } from './revisions.system.queries.ts';

/** An agent that holds a manifest has this long to fetch what it lists. */
const KEPT_HOURS = 24;

/** Removes sections that no manifest lists any more; answers how many. */
export function removeSuperseded(database: Database): Promise<number> {
  return removeSupersededSections(database, KEPT_HOURS);
}
