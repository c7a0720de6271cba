import { presentTimes } from '../lists/fields.ts';
import type { OrganizationRow } from './organizations.queries.ts';
import type { Organization } from './organizations.schemas.ts';

export function presentOrganization(row: OrganizationRow): Organization {
  const { id, name, slug, metadata, max_offline_seconds } = row;
  return { id, name, slug, metadata, max_offline_seconds, ...presentTimes(row) };
}
