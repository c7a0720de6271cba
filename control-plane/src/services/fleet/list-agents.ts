import type { Selectable } from 'kysely';
import type { AgentsTable } from '../../db/schema/publishing.ts';
import { tenantTransaction } from '../../db/transactions.ts';
import { type Page, type PageQuery, readPageQuery, toPage } from '../lists/page.ts';
import type { ServiceContext } from '../service-context.ts';
import { selectAgents } from './agents.queries.ts';
import type { AgentStatus, AgentView } from './fleet.schemas.ts';

const ONLINE_MILLISECONDS = 2 * 60_000;
const DELAYED_MILLISECONDS = 5 * 60_000;

/** How an agent process is, by the age of its last heartbeat in milliseconds. */
export function agentStatus(age: number): AgentStatus {
  if (age < ONLINE_MILLISECONDS) return 'online';
  return age < DELAYED_MILLISECONDS ? 'delayed' : 'offline';
}

/** A page of the organization's fleet, newest instances first. */
export async function listAgents(context: ServiceContext, query: PageQuery): Promise<Page<AgentView>> {
  const page = readPageQuery(query);
  const rows = await tenantTransaction(context.db, context.organizationId, (transaction) =>
    selectAgents(transaction, context.organizationId, page),
  );
  const now = context.clock.now();
  return toPage(
    rows.map((row) => ({ ...row, id: row.instance })),
    query,
    (row) => presentAgent(row, now),
  );
}

function presentAgent(row: Selectable<AgentsTable>, now: number): AgentView {
  const { applied_epoch, applied_revision } = row;
  return {
    instance: row.instance,
    status: agentStatus(now - row.last_seen_at.getTime()),
    version: row.version,
    protocol: row.protocol,
    token_id: row.token_id,
    token_generation: row.token_generation,
    started_at: row.started_at.toISOString(),
    first_seen_at: row.first_seen_at.toISOString(),
    last_heartbeat_at: row.last_seen_at.toISOString(),
    applied:
      applied_epoch !== null && applied_revision !== null
        ? { epoch: applied_epoch, revision: applied_revision }
        : null,
    rejected: row.rejection,
    spool: row.spool,
    requests: row.requests,
    providers: row.providers,
  };
}
