import type { Migration } from 'kysely/migration';
import { up as organizationsAndConfiguration } from './0001-organizations-and-configuration.ts';
import { up as publishing } from './0002-publishing.ts';
import { up as usage } from './0003-usage.ts';
import { up as forgetStreams } from './0004-forget-streams.ts';
import { up as providerKinds } from './0005-provider-kinds.ts';
import { up as pricesAndCapacity } from './0006-prices-and-capacity.ts';
import { up as foreignState } from './0007-foreign-state.ts';

/** Every migration, in order. A released one is never edited. */
export const migrations: Record<string, Migration> = {
  '0001-organizations-and-configuration': { up: organizationsAndConfiguration },
  '0002-publishing': { up: publishing },
  '0003-usage': { up: usage },
  '0004-forget-streams': { up: forgetStreams },
  '0005-provider-kinds': { up: providerKinds },
  '0006-prices-and-capacity': { up: pricesAndCapacity },
  '0007-foreign-state': { up: foreignState },
};
