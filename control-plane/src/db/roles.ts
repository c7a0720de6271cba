/** The unprivileged role that every connection takes at once. Row-level security is forced on it. */
export const TENANT_ROLE = 'bonito_tenant';

/** The role of the few listed queries that have no tenant; it may touch only what a migration allows it to. */
export const SYSTEM_ROLE = 'bonito_system';

/** The setting that row-level security compares `org_id` with. */
export const ORGANIZATION_SETTING = 'bonito.organization';
