import type { AdminTokenRow } from './admin-tokens.queries.ts';
import type { AdminTokenResource } from './admin-tokens.schemas.ts';

export function presentAdminToken(row: AdminTokenRow): AdminTokenResource {
  return { id: row.id, name: row.name, hint: row.hint, created_at: row.created_at.toISOString() };
}
