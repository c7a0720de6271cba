import { UNPRICED_REVISION } from '../price.ts';
import { UNIT_CLASSES } from '../tokens.ts';
import type { SectionContents } from './downgrade-step.ts';

/** Classes that version 1 refuses in a price, and never counts: its agents do not speak to a provider that has them. */
const NEWER: ReadonlySet<string> = new Set(['cache_write_1h', ...UNIT_CLASSES]);

/**
 * Version 1 refuses a price for tokens that are written to a cache for an hour, and for what is no tokens. So those figures are
 * left out; the price keeps its revision. A price that had no others says nothing to version 1: it becomes an unknown one,
 * where it would have come to zero. Variants, which version 1 does not read, are left out as well.
 */
export function fromVersion2(sections: SectionContents): SectionContents {
  const deployments = sections.get('deployments');
  if (!isRecord(deployments) || !Array.isArray(deployments.deployments)) return sections;
  const older = deployments.deployments.map((deployment: unknown) =>
    isRecord(deployment) && isRecord(deployment.price)
      ? { ...deployment, price: olderPrice(deployment.price) }
      : deployment,
  );
  return new Map([...sections, ['deployments', { ...deployments, deployments: older }]]);
}

function olderPrice({ variants: _newer, ...price }: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(price.per_million)) return price;
  const all = Object.entries(price.per_million);
  const kept = all.filter(([name]) => !NEWER.has(name));
  const says = kept.length > 0 || all.length === 0;
  return {
    ...price,
    ...(!says && { revision: UNPRICED_REVISION }),
    per_million: Object.fromEntries(kept),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
