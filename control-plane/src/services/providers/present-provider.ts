import { presentTimes } from '../lists/fields.ts';
import type { ProviderRow } from './providers.queries.ts';
import type { ProviderResource } from './providers.schemas.ts';

export function presentProvider(row: ProviderRow): ProviderResource {
  const { org_id: _, deleted_at: __, created_at: ___, updated_at: ____, ...fields } = row;
  return { ...fields, ...presentTimes(row) };
}
