import { newId } from '@bonito/protocol';
import type { z } from 'zod';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { write } from '../write.ts';
import { defaultBaseUrl } from './default-base-url.ts';
import { presentProvider } from './present-provider.ts';
import { insertProvider } from './providers.queries.ts';
import type { createProviderSchema, ProviderResource } from './providers.schemas.ts';

export function createProvider(
  context: ServiceContext,
  input: z.output<typeof createProviderSchema>,
): Promise<ProviderResource> {
  const now = new Date(context.clock.now());
  const id = newId(context.clock.now());
  const base_url = input.base_url ?? defaultBaseUrl(input);
  if (base_url === undefined) throw baseUrlNeeded(input.kind);
  return write(context, async (transaction) => {
    const row = await insertProvider(transaction, {
      ...input,
      base_url,
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

function baseUrlNeeded(kind: string): ServiceError {
  const message = ['bedrock', 'vertex'].includes(kind)
    ? 'is needed where there is no region'
    : 'is needed: this kind has no address that is the same for everyone';
  return new ServiceError('invalid_request', `"base_url" ${message}`, [{ path: 'base_url', message }]);
}
