import type { Migration } from 'kysely/migration';
import * as organizationsAndConfiguration from './0001-organizations-and-configuration.ts';
import * as publishing from './0002-publishing.ts';
import * as usage from './0003-usage.ts';

/** Every migration, in order. A released one is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-organizations-and-configuration': organizationsAndConfiguration,
  '0002-publishing': publishing,
  '0003-usage': usage,
};
