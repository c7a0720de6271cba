import type { AgentTokenRow } from './agent-tokens.queries.ts';
import type { AgentTokenResource } from './agent-tokens.schemas.ts';

export function presentAgentToken(row: AgentTokenRow): AgentTokenResource {
  return {
    id: row.id,
    name: row.name,
    generation: row.generation,
    has_previous: row.previous_sha256 !== null,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
    previous_last_used_at: row.previous_last_used_at?.toISOString() ?? null,
    revoked_at: row.revoked_at?.toISOString() ?? null,
  };
}
