import { formatUsd } from '@bonito/protocol';
import { presentTimes } from '../lists/fields.ts';
import type { DeploymentRow } from './deployments.queries.ts';
import type { DeploymentResource } from './deployments.schemas.ts';
import { formatPrice, type PriceThresholds } from './price.ts';

export function presentDeployment(row: DeploymentRow): DeploymentResource {
  const { id, name, provider_id, upstream_model, family, capabilities, processing_boundary } = row;
  const { wire, catalog_id, price_revision } = row;
  return {
    ...{ id, name, provider_id, upstream_model, family, capabilities, processing_boundary, wire },
    ...{ catalog_id, price: formatPrice(row.price_per_million), price_revision },
    price_thresholds: presentThresholds(row.price_thresholds),
    price_variants:
      row.price_variants?.map(({ tier, geography, revision, per_million, thresholds }) => ({
        ...(tier !== undefined && { tier }),
        ...(geography !== undefined && { geography }),
        price: formatPrice(per_million),
        price_thresholds: presentThresholds(thresholds),
        price_revision: revision,
      })) ?? null,
    price_per_hour: row.price_per_hour === null ? null : formatUsd(row.price_per_hour),
    price_source: row.price_source as DeploymentResource['price_source'],
    ...presentTimes(row),
  };
}

export function presentThresholds(
  thresholds: PriceThresholds | null | undefined,
): DeploymentResource['price_thresholds'] {
  return (
    thresholds?.map(({ above_input_tokens, per_million }) => ({
      above_input_tokens,
      price: formatPrice(per_million),
    })) ?? null
  );
}
