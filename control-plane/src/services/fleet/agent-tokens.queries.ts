import { sql } from 'kysely';
import { type Database, tenantTransaction } from '../../db/transactions.ts';

/** A token as agents prove it, in both of its live generations. */
export interface LiveAgentToken {
  id: string;
  generation: number;
  sha256: string;
  previous_sha256: string | null;
}

/** An organization's tokens that are not revoked; none for an organization that is deleted or never was. */
export function liveAgentTokens(database: Database, organizationId: string): Promise<LiveAgentToken[]> {
  return tenantTransaction(database, organizationId, async (transaction) => {
    const { rows } = await sql<LiveAgentToken>`
      select t.id, t.generation, t.sha256, t.previous_sha256
      from agent_tokens t
      join organizations o on o.id = t.org_id and o.deleted_at is null
      where t.org_id = ${organizationId} and t.revoked_at is null
    `.execute(transaction);
    return rows;
  });
}
