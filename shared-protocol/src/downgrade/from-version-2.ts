import type { SectionContents } from './downgrade-step.ts';

/**
 * Version 1 refuses a price for tokens that are written to a cache for an hour, and never counts such tokens: its agents do not
 * speak to a provider that has them. So the figure is left out; the price keeps its revision.
 */
export function fromVersion2(sections: SectionContents): SectionContents {
  const deployments = sections.get('deployments');
  if (!isRecord(deployments) || !Array.isArray(deployments.deployments)) return sections;
  const older = deployments.deployments.map((deployment: unknown) =>
    isRecord(deployment) && isRecord(deployment.price)
      ? { ...deployment, price: withoutHour(deployment.price) }
      : deployment,
  );
  return new Map([...sections, ['deployments', { ...deployments, deployments: older }]]);
}

function withoutHour(price: Readonly<Record<string, unknown>>): unknown {
  if (!isRecord(price.per_million)) return price;
  const { cache_write_1h: _newer, ...figures } = price.per_million;
  return { ...price, per_million: figures };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
