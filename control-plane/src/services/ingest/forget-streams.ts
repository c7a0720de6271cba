import type { Database } from '../../db/transactions.ts';
import { removeEndedStreams } from './streams.system.queries.ts';

/** Every start of an agent opens a stream: without an end to them their rows would only ever grow. */
const DAYS = 90;

/**
 * Forgets streams that have ended. A stream's mark is needed as long as one of its records may be delivered again, and an
 * agent's stream lives only as long as its spool: it is written by one process, and what that process leaves behind is
 * taken up and delivered by the next one on the same volume. So a stream that stood still for 90 days, and that no living
 * process can have opened, has nothing left to deliver. Should a volume come back after a longer time with a batch whose
 * acknowledgement was lost, its requests are still recognized by their ids and counted once; only totals of collapsed
 * detail carry no request to recognize them by, and the numbers before the batch are reported as lost.
 */
export function forgetStreams(database: Database): Promise<number> {
  return removeEndedStreams(database, DAYS);
}
