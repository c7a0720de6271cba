import { SERVED_GEOGRAPHY, SERVED_TIER, type ServedCounts, type TokenCounts } from '@bonito/protocol';

/** Google Cloud's words for its tiers; those of other providers are the tiers' names. */
const TRAFFIC_TYPES: Readonly<Record<string, string>> = {
  traffic_type_unspecified: 'standard',
  unspecified: 'standard',
  on_demand_priority: 'priority',
  on_demand_flex: 'flex',
  on_demand_offpeak: 'offpeak',
  provisioned_throughput: 'provisioned',
};

/** A provider's word for a service tier, as prices have it; undefined for what is none. */
export function tierName(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const word = value.toLowerCase();
  return Object.hasOwn(TRAFFIC_TYPES, word) ? TRAFFIC_TYPES[word] : word;
}

/**
 * Notes beside the counts how the provider says that it served the request: some tiers and geographies have a price of their
 * own. What it does not say stays as it was.
 */
export function noteServed(
  counts: TokenCounts | undefined,
  tier: unknown,
  geography?: unknown,
): TokenCounts | undefined {
  if (counts === undefined) return undefined;
  const served: ServedCounts = counts;
  const name = tierName(tier);
  if (name !== undefined) served[SERVED_TIER] = name;
  if (typeof geography === 'string' && geography !== '') served[SERVED_GEOGRAPHY] = geography.toLowerCase();
  return served;
}
