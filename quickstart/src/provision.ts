import type { ChosenProvider } from './choose-provider.ts';
import type { ControlPlaneApi } from './control-plane-api.ts';
import type { DevFile } from './dev-file.ts';

/** What a first start makes. */
type Organization = Pick<DevFile, 'organizationId' | 'apiKey' | 'orgToken'>;

/** Makes the organization, a token for its agent and a key, unless an earlier start did. The first organization that an administrator makes becomes the token's own. */
export async function provisionOrganization(
  api: ControlPlaneApi,
  known: Partial<Organization>,
): Promise<Organization> {
  const { organizationId, apiKey, orgToken } = known;
  if (organizationId && apiKey && orgToken && (await api.get(`/api/orgs/${organizationId}`))) {
    return { organizationId, apiKey, orgToken };
  }
  const { id } = await api.post<{ id: string }>('/api/orgs', { name: 'My organization' });
  const agent = await api.post<{ token: string }>(`/api/orgs/${id}/tokens`, { name: 'npm start' });
  const key = await api.post<{ key: string }>('/api/gateway/keys', { name: 'npm start' });
  return { organizationId: id, apiKey: key.key, orgToken: agent.token };
}

interface ProviderRow {
  id: string;
  name: string;
  base_url: string;
}

/** Sees that the provider stands with its address and its models; adds what is missing and removes nothing. */
export async function provisionProvider(api: ControlPlaneApi, chosen: ChosenProvider): Promise<void> {
  const providers = await api.list<ProviderRow>('/api/providers');
  let provider = providers.find(({ name }) => name === chosen.name);
  const address = { base_url: chosen.baseUrl, credential: chosen.credential };
  if (!provider) {
    provider = await api.post<ProviderRow>('/api/providers', {
      name: chosen.name,
      kind: 'openai-compatible',
      ...address,
    });
  } else if (provider.base_url !== chosen.baseUrl) {
    await api.patch(`/api/providers/${provider.id}`, address);
  }
  const existing = new Set((await api.list<{ name: string }>('/api/deployments')).map(({ name }) => name));
  for (const model of chosen.models) {
    if (existing.has(model.name)) continue;
    await api.post('/api/deployments', {
      name: model.name,
      provider_id: provider.id,
      upstream_model: model.upstreamModel,
      family: familyOf(model.name),
      price: model.price,
    });
  }
}

/** Whether an earlier start set the simulator up, so that its models go on answering. */
export async function hasSimulator(api: ControlPlaneApi): Promise<boolean> {
  return (await api.list<ProviderRow>('/api/providers')).some(({ name }) => name === 'simulator');
}

/** The leading word of a model's name: `gpt` of `gpt-4o-mini`. */
function familyOf(model: string): string {
  return /[a-z]+/i.exec(model.split('/').at(-1) ?? model)?.[0]?.toLowerCase() ?? 'other';
}
