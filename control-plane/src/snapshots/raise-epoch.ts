import { newId } from '@bonito/protocol';
import type { Database } from '../db/transactions.ts';
import { raiseEpochs } from './revisions.system.queries.ts';

/** What the act did. */
export interface RaisedEpoch {
  epoch: number;
  organizations: number;
}

/**
 * Makes every organization's configuration newer than anything that agents were given before a restore. Agents refuse a
 * configuration that is older than the one they serve, and after a restore the revisions begin again in the past. Audited
 * in each organization. See docs/runbooks/restore.md.
 *
 * @param options.atLeast the lowest epoch that will do: one more than any that agents report as applied
 */
export async function raiseEpoch(
  database: Database,
  options: { atLeast?: number; actor?: string } = {},
): Promise<RaisedEpoch> {
  const { epoch, organizations } = await raiseEpochs(database, {
    atLeast: options.atLeast ?? 1,
    actor: options.actor ?? 'system',
    newId: () => newId(),
  });
  return { epoch, organizations: organizations.length };
}
