import type { Database } from '../db/transactions.ts';
import { followCatalog } from '../services/deployments/follow-catalog.ts';
import { maintainFleet } from '../services/fleet/maintain-fleet.ts';
import { forgetStreams } from '../services/ingest/forget-streams.ts';
import { maintainPartitions } from '../services/ingest/maintain-partitions.ts';
import { trimQuarantine } from '../services/ingest/trim-quarantine.ts';
import { removeSuperseded } from '../snapshots/remove-superseded.ts';

/** Regular work. Each job may run on several replicas at once and does no harm then: it repeats what is done already. */
export interface Job {
  name: string;
  run(database: Database, now: number): Promise<unknown>;
}

export const JOBS: readonly Job[] = [
  { name: 'partitions', run: maintainPartitions },
  { name: 'superseded-sections', run: removeSuperseded },
  { name: 'fleet', run: maintainFleet },
  { name: 'quarantine', run: trimQuarantine },
  { name: 'ended-streams', run: forgetStreams },
  { name: 'catalog-prices', run: followCatalog },
];
