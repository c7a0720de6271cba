import { presentTimes } from '../lists/fields.ts';
import type { KeyRow } from './keys.queries.ts';
import type { KeyResource } from './keys.schemas.ts';

export function presentKey(row: KeyRow): KeyResource {
  const { id, name, models, tags, team_id, route_id, secrets } = row;
  return {
    ...{ id, name, models, tags, team_id, route_id },
    expires_at: row.expires_at?.toISOString() ?? null,
    secrets: secrets.map((secret) => ({
      hint: secret.hint,
      created_at: secret.created_at.toISOString(),
      expires_at: secret.expires_at?.toISOString() ?? null,
    })),
    ...presentTimes(row),
  };
}
