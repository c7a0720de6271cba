import type { AzureCredentialReference } from '@bonito/protocol';
import { type BearerToken, readTokenAnswer } from '../bearer-token.ts';
import { ask, type CredentialTools, requireSecret, requireText, type Via } from '../credential-tools.ts';
import type { Fetched } from '../renewing.ts';
import { requireTrustedHost } from '../trusted-hosts.ts';

const DEFAULT_SCOPE = 'https://cognitiveservices.azure.com/.default';
const DEFAULT_AUTHORITY = 'https://login.microsoftonline.com';
const IMDS = 'http://169.254.169.254/metadata/identity/oauth2/token';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * A token of Entra ID for Azure OpenAI and Foundry.
 *
 * @throws CredentialError
 */
export function fetchAzureToken(
  reference: AzureCredentialReference,
  tools: CredentialTools,
  via: Via,
): Promise<Fetched<BearerToken>> {
  return reference.source === 'managed_identity'
    ? fetchManagedIdentityToken(reference, tools)
    : fetchClientToken(reference, tools, via);
}

/** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
async function fetchClientToken(
  reference: AzureCredentialReference,
  tools: CredentialTools,
  via: Via,
): Promise<Fetched<BearerToken>> {
  const { environment } = tools;
  const tenant = requireText(reference.tenant_id ?? environment.AZURE_TENANT_ID);
  const client = requireText(reference.client_id ?? environment.AZURE_CLIENT_ID);
  const authority = reference.authority_url ?? environment.AZURE_AUTHORITY_HOST ?? DEFAULT_AUTHORITY;
  const url = `${authority.replace(/\/+$/, '')}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: client,
    scope: reference.scope ?? DEFAULT_SCOPE,
  });
  if (reference.source === 'client_secret') {
    form.set('client_secret', requireSecret(tools, reference.secret));
  } else {
    // The address of an authority that the environment names was chosen by whoever runs the machine.
    if (reference.authority_url) requireTrustedHost('azure-login', url, tools.trustedHosts);
    form.set('client_assertion_type', ASSERTION_TYPE);
    form.set('client_assertion', federatedToken(reference, tools));
  }
  const answer = await ask(
    tools,
    {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      place: 'network',
    },
    via,
  );
  return readTokenAnswer(answer, tools.clock.now());
}

/** The file is projected by Kubernetes and rotated: it is read for each token. */
function federatedToken({ secret }: AzureCredentialReference, tools: CredentialTools): string {
  if (secret) return requireSecret(tools, secret);
  return requireText(tools.readFile(tools.environment.AZURE_FEDERATED_TOKEN_FILE ?? ''));
}

/**
 * App Service, Functions and Container Apps have an endpoint of their own; virtual machines and AKS the metadata service.
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 * https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
async function fetchManagedIdentityToken(
  reference: AzureCredentialReference,
  tools: CredentialTools,
): Promise<Fetched<BearerToken>> {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: secret } = tools.environment;
  const own = endpoint && secret ? URL.parse(endpoint) : undefined;
  const url = own ?? new URL(IMDS);
  url.searchParams.set('api-version', own ? '2019-08-01' : '2018-02-01');
  url.searchParams.set('resource', (reference.scope ?? DEFAULT_SCOPE).replace(/\/\.default$/, ''));
  const client = reference.client_id;
  if (client) url.searchParams.set('client_id', client);
  const answer = await ask(tools, {
    url: url.href,
    method: 'GET',
    headers: own && secret ? { 'x-identity-header': secret } : { metadata: 'true' },
    place: 'machine',
  });
  return readTokenAnswer(answer, tools.clock.now());
}
