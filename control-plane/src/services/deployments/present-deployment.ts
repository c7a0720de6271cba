import { presentTimes } from '../lists/fields.ts';
import type { DeploymentRow } from './deployments.queries.ts';
import type { DeploymentResource } from './deployments.schemas.ts';
import { formatPrice } from './price.ts';

export function presentDeployment(row: DeploymentRow): DeploymentResource {
  const { id, name, provider_id, upstream_model, family, capabilities, processing_boundary } = row;
  const price = formatPrice(row.price_per_million);
  return {
    ...{ id, name, provider_id, upstream_model, family, capabilities, processing_boundary },
    ...{ wire: row.wire, price, price_revision: row.price_revision },
    price_thresholds:
      row.price_thresholds?.map(({ above_input_tokens, per_million }) => ({
        above_input_tokens,
        price: formatPrice(per_million),
      })) ?? null,
    price_source: row.price_source as DeploymentResource['price_source'],
    ...presentTimes(row),
  };
}
