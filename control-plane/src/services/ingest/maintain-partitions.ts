import type { Database } from '../../db/transactions.ts';
import { type Month, makePartitions } from '../../ledger/partitions.system.queries.ts';

const MONTHS_AHEAD = 3;

/** The month before, this one and the next three, in UTC. */
export function partitionMonths(now: number): Month[] {
  const date = new Date(now);
  return Array.from({ length: MONTHS_AHEAD + 2 }, (_, index) => {
    const from = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1 + index, 1));
    const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
    return {
      suffix: from.toISOString().slice(0, 7).replace('-', '_'),
      from: from.toISOString(),
      to: to.toISOString(),
    };
  });
}

/** Makes the partitions that will be needed; answers the new ones. */
export function maintainPartitions(database: Database, now: number): Promise<string[]> {
  return makePartitions(database, partitionMonths(now));
}
