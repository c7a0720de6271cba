import { refuseInUse } from '../in-use.ts';
import type { ServiceContext } from '../service-context.ts';
import { notFound } from '../service-error.ts';
import { write } from '../write.ts';
import { presentProvider } from './present-provider.ts';
import { deploymentsOfProvider, selectProvider, updateProviderRow } from './providers.queries.ts';

/** Deletes a provider that no deployment calls. */
export function deleteProvider(context: ServiceContext, id: string): Promise<void> {
  const { organizationId } = context;
  return write(context, async (transaction) => {
    const before = await selectProvider(transaction, organizationId, id);
    if (!before) throw notFound('provider');
    refuseInUse('provider', 'the deployments', await deploymentsOfProvider(transaction, organizationId, id));
    const now = new Date(context.clock.now());
    await updateProviderRow(transaction, organizationId, id, { deleted_at: now, updated_at: now });
    return {
      result: undefined,
      change: { object: 'provider', id, did: 'deleted', before: presentProvider(before), after: undefined },
      dirty: ['providers'],
    };
  });
}
