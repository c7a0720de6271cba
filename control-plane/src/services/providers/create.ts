import { newId } from '@bonito/protocol';
import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import { write } from '../write.ts';
import { presentProvider } from './present-provider.ts';
import { insertProvider } from './providers.queries.ts';
import type { createProviderSchema, ProviderResource } from './providers.schemas.ts';

export function createProvider(
  context: ServiceContext,
  input: z.output<typeof createProviderSchema>,
): Promise<ProviderResource> {
  const now = new Date(context.clock.now());
  const id = newId(context.clock.now());
  return write(context, async (transaction) => {
    const row = await insertProvider(transaction, {
      ...input,
      org_id: context.organizationId,
      id,
      credential: JSON.stringify(input.credential),
      time_limits: JSON.stringify(input.time_limits),
      created_at: now,
      updated_at: now,
    });
    const result = presentProvider(row);
    return {
      result,
      change: { object: 'provider', id, did: 'created', before: undefined, after: result },
      dirty: ['providers'],
    };
  });
}
