import { mustSucceed } from './control-plane-client.ts';
import type { Product } from './start-product.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Puts models in front of the simulator's faults, by the API as a person would: each name becomes a deployment of the
 * simulator's upstream model. Resolves when the agent serves them.
 */
export async function simulatedModels(
  product: Product,
  models: Record<string, string>,
): Promise<Map<string, string>> {
  const api = mustSucceed(product.api);
  const { data } = await api('GET', '/api/providers');
  const provider = data.find((row: { name: string }) => row.name === 'simulator');
  const ids = new Map<string, string>();
  for (const [name, upstream_model] of Object.entries(models)) {
    const price = { input: '1', output: '2' };
    const body = { name, provider_id: provider.id, upstream_model, family: 'simulated', price };
    ids.set(name, (await api('POST', '/api/deployments', body)).id);
  }
  await waitForModels(product.dev.agentUrl, product.dev.apiKey, Object.keys(models));
  return ids;
}

/** Waits until the key may use the models at the agent. */
export async function waitForModels(agentUrl: string, apiKey: string, names: string[]): Promise<void> {
  const headers = { authorization: `Bearer ${apiKey}` };
  await waitUntil(`the agent serves ${names.join(', ')}`, async () => {
    const answer = await fetch(`${agentUrl}/v1/models`, { headers });
    const { data } = (await answer.json()) as { data: { id: string }[] };
    return names.every((name) => data.some(({ id }) => id === name));
  });
}
