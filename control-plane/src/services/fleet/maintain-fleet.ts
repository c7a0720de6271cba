import type { Database } from '../../db/transactions.ts';
import { endTokenGrace, removeOldAgents } from './fleet.system.queries.ts';

/** Processes come and go with every deployment: each has a row until it was not seen for this long. */
const LIMITS = { days: 30, perOrganization: 20_000 };

/** Forgets old processes and commands, and ends the grace of replaced tokens that nobody uses. */
export async function maintainFleet(database: Database): Promise<void> {
  await removeOldAgents(database, LIMITS);
  await endTokenGrace(database);
}
