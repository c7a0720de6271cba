import type { ConfigVersion } from '@bonito/protocol';
import { sql } from 'kysely';
import { type Database, systemTransaction } from '../db/transactions.ts';
import { REVISIONS_CHANNEL } from './publish-change.ts';

/** A version with its organization. */
export interface OrganizationVersion extends ConfigVersion {
  org_id: string;
}

/** The organizations that published within the last seconds, by the database's clock. */
export function recentRevisions(database: Database, seconds: number): Promise<OrganizationVersion[]> {
  return systemTransaction(database, async (transaction) => {
    const { rows } = await sql<OrganizationVersion>`
      select org_id, epoch, revision
      from org_revisions
      where published_at > clock_timestamp() - make_interval(secs => ${seconds}::int)
    `.execute(transaction);
    return rows;
  });
}

/** Removes the sections that no manifest has listed for so many hours; answers how many. */
export function removeSupersededSections(database: Database, hours: number): Promise<number> {
  return systemTransaction(database, async (transaction) => {
    const result = await sql`
      delete from config_sections
      where superseded_at < clock_timestamp() - make_interval(hours => ${hours}::int)
    `.execute(transaction);
    return Number(result.numAffectedRows ?? 0n);
  });
}

/**
 * Raises every organization's epoch to the same number: one more than the highest there is, or `atLeast` where that is
 * higher. Each organization's audit log gets an entry. All of it happens, or nothing.
 *
 * @returns the new epoch, and the organizations that it holds for
 */
export function raiseEpochs(
  database: Database,
  options: { atLeast: number; actor: string; newId: () => string },
): Promise<{ epoch: number; organizations: string[] }> {
  return systemTransaction(database, async (transaction) => {
    await sql`
      insert into org_revisions (org_id, epoch, revision, published_at, sections)
      select id, 1, 0, clock_timestamp(), '[]' from organizations
      on conflict do nothing
    `.execute(transaction);
    const { rows: before } = await sql<OrganizationVersion>`
      select org_id, epoch, revision from org_revisions order by org_id for update
    `.execute(transaction);
    const highest = before.reduce((most, row) => Math.max(most, row.epoch), 0);
    const epoch = Math.max(highest + 1, options.atLeast);
    await sql`
      update org_revisions set epoch = ${epoch}::int, published_at = clock_timestamp()
    `.execute(transaction);
    const entries = before.map((row) => ({
      id: options.newId(),
      org_id: row.org_id,
      before: { epoch: row.epoch, revision: row.revision },
      after: { epoch, revision: row.revision },
    }));
    await sql`
      insert into audit_log (org_id, id, occurred_at, actor, action, object_type, object_id, before, after)
      select e.org_id, e.id, clock_timestamp(), ${options.actor}::text, 'epoch.raise', 'organization',
             e.org_id::text, e.before, e.after
      from jsonb_to_recordset(${JSON.stringify(entries)}::text::jsonb)
        as e (org_id uuid, id uuid, before jsonb, after jsonb)
    `.execute(transaction);
    await sql`select pg_notify(${REVISIONS_CHANNEL}, org_id::text) from org_revisions`.execute(transaction);
    return { epoch, organizations: before.map((row) => row.org_id) };
  });
}
