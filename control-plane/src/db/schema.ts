import type { ConfigurationTables } from './schema/configuration.ts';
import type { PublishingTables } from './schema/publishing.ts';
import type { UsageTables } from './schema/usage.ts';

/** Every table, as Kysely sees it. Kept by hand beside the migrations, one file for each group. */
export interface Schema extends ConfigurationTables, PublishingTables, UsageTables {}
