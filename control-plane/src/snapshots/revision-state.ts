import type { ConfigVersion } from '@bonito/protocol';
import { sql } from 'kysely';
import { type Database, tenantTransaction } from '../db/transactions.ts';
import { ensurePublished } from './publish-change.ts';

/** What a waiting agent waits for. */
export interface RevisionState extends ConfigVersion {
  /** The instances that have a command which was not delivered yet. */
  commanded: ReadonlySet<string>;
}

/** Reads an organization's version and whom it has commands for, in one query; publishes it first where it never was. */
export function readRevisionState(database: Database, organizationId: string): Promise<RevisionState> {
  return tenantTransaction(database, organizationId, async (transaction) => {
    const { rows } = await sql<ConfigVersion & { commanded: string[] }>`
      select r.epoch, r.revision,
             array(
               select distinct c.instance::text
               from agent_commands c
               where c.org_id = r.org_id and c.answered_at is null and c.delivered_at is null
             ) as commanded
      from org_revisions r
      where r.org_id = ${organizationId} and r.revision > 0
    `.execute(transaction);
    const row = rows[0];
    if (row) return { epoch: row.epoch, revision: row.revision, commanded: new Set(row.commanded) };
    return { ...(await ensurePublished(transaction, organizationId)), commanded: new Set<string>() };
  });
}
