import { createDeployment } from '../services/deployments/create.ts';
import { createDeploymentSchema } from '../services/deployments/deployments.schemas.ts';
import { createKey } from '../services/keys/create.ts';
import { createKeySchema } from '../services/keys/keys.schemas.ts';
import { createProvider } from '../services/providers/create.ts';
import { createProviderSchema } from '../services/providers/providers.schemas.ts';
import type { ServiceContext } from '../services/service-context.ts';

/** Gives an organization a provider, a deployment and a key, as people would. */
export async function configureSample(context: ServiceContext) {
  const provider = await createProvider(
    context,
    createProviderSchema.parse({
      name: 'upstream',
      kind: 'openai-compatible',
      base_url: 'https://upstream.example/v1',
      credential: { from: 'none' },
    }),
  );
  const deployment = await createDeployment(
    context,
    createDeploymentSchema.parse({
      name: 'small',
      provider_id: provider.id,
      upstream_model: 'small-1',
      price: { input: '2.50', output: '10' },
    }),
  );
  const key = await createKey(context, createKeySchema.parse({ name: 'application' }));
  return { provider, deployment, key };
}
