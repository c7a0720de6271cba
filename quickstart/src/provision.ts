import type { ChosenProvider } from './choose-provider.ts';
import { type ControlPlaneApi, controlPlaneApi } from './control-plane-api.ts';
import type { DevFile } from './dev-file.ts';

/** The credentials that a first start makes. */
type Credentials = Pick<DevFile, 'organizationId' | 'adminToken' | 'apiKey' | 'orgToken'>;

/**
 * Makes the organization with its tokens and a key, all that is not there yet.
 *
 * @param bootstrapToken the administrator token that the control plane was started with
 */
export async function provisionOrganization(
  url: string,
  bootstrapToken: string,
  known: Partial<Credentials>,
): Promise<Credentials> {
  const home = known.organizationId && known.adminToken ? controlPlaneApi(url, known.adminToken) : undefined;
  if (home && known.apiKey && known.orgToken && (await home.get(`/api/orgs/${known.organizationId}`))) {
    return known as Credentials;
  }
  const bootstrap = controlPlaneApi(url, bootstrapToken);
  const { id: organizationId } = await bootstrap.post<{ id: string }>('/api/orgs', {
    name: 'My organization',
  });
  const acting = controlPlaneApi(url, bootstrapToken, organizationId);
  const administrator = await acting.post<{ token: string }>(`/api/orgs/${organizationId}/admin-tokens`, {
    name: 'npm start',
    platform: true,
  });
  const agent = await acting.post<{ token: string }>(`/api/orgs/${organizationId}/tokens`, {
    name: 'npm start',
  });
  const key = await acting.post<{ key: string }>('/api/gateway/keys', { name: 'npm start' });
  return { organizationId, adminToken: administrator.token, apiKey: key.key, orgToken: agent.token };
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
