import type { z } from 'zod';
import { repriceDeployments } from '../deployments/reprice.ts';
import { withoutAbsent } from '../lists/without-absent.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { presentProvider } from './present-provider.ts';
import { selectProvider, updateProviderRow } from './providers.queries.ts';
import type { ProviderResource, updateProviderSchema } from './providers.schemas.ts';

export function updateProvider(
  context: ServiceContext,
  id: string,
  input: z.output<typeof updateProviderSchema>,
): Promise<ProviderResource> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectProvider(transaction, organizationId, id);
    if (!before) throw notFound('provider');
    const { credential, time_limits, ...rest } = withoutAbsent(input);
    const after = await updateProviderRow(transaction, organizationId, id, {
      ...rest,
      ...(credential && { credential: JSON.stringify(credential) }),
      ...(time_limits && { time_limits: JSON.stringify(time_limits) }),
      updated_at: new Date(context.clock.now()),
    });
    const result = presentProvider(after);
    // What a model costs hangs on who sells it, and where.
    const repriced = await repriceDeployments(context, transaction, after);
    return {
      result,
      change: { object: 'provider', id, did: 'updated', before: presentProvider(before), after: result },
      dirty: repriced > 0 ? ['providers', 'deployments'] : ['providers'],
    };
  });
}
