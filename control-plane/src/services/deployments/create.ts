import { newId } from '@bonito/protocol';
import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import { write } from '../write.ts';
import { insertDeployment } from './deployments.queries.ts';
import type { createDeploymentSchema, DeploymentResource } from './deployments.schemas.ts';
import { takeModelName } from './model-names.queries.ts';
import { presentDeployment } from './present-deployment.ts';
import { requireProvider } from './require-provider.ts';
import { resolvePrice } from './resolve-price.ts';

export function createDeployment(
  context: ServiceContext,
  input: z.output<typeof createDeploymentSchema>,
): Promise<DeploymentResource> {
  const now = new Date(context.clock.now());
  const id = newId(context.clock.now());
  const { price, price_thresholds, capabilities, ...rest } = input;
  return write(context, async (transaction) => {
    const provider = await requireProvider(transaction, context.organizationId, input.provider_id);
    const row = await insertDeployment(transaction, {
      ...rest,
      org_id: context.organizationId,
      id,
      capabilities: capabilities && JSON.stringify(capabilities),
      ...resolvePrice({ price, thresholds: price_thresholds }, provider, input.upstream_model, now.getTime()),
      created_at: now,
      updated_at: now,
    });
    await takeModelName(transaction, context.organizationId, row.name, { deployment_id: id });
    const result = presentDeployment(row);
    return {
      result,
      change: { object: 'deployment', id, did: 'created', before: undefined, after: result },
      dirty: ['deployments'],
    };
  });
}
