import type { FederationReference } from '@bonito/protocol';
import { type BearerToken, readTokenAnswer } from '../bearer-token.ts';
import { ask, type CredentialTools, requireSecret, requireText, type Via } from '../credential-tools.ts';
import { headerSafe } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';

interface Exchange {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string | undefined>>;
}

/** How each model provider wants the exchange. */
const EXCHANGES: Readonly<
  Record<FederationReference['source'], (reference: FederationReference, token: string) => Exchange>
> = {
  /** RFC 8693: https://developers.openai.com/api/reference/workload-identity-federation */
  openai: (reference, token) => ({
    url: 'https://auth.openai.com/oauth/token',
    headers: {},
    body: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: `urn:ietf:params:oauth:token-type:${reference.subject_token_type ?? 'jwt'}`,
      subject_token: token,
      identity_provider_id: requireText(reference.identity_provider_id),
      service_account_id: requireText(reference.service_account_id),
    },
  }),
  /** RFC 7523: https://platform.claude.com/docs/en/manage-claude/wif-reference */
  anthropic: (reference, token) => ({
    url: 'https://api.anthropic.com/v1/oauth/token',
    headers: { 'anthropic-beta': 'oauth-2025-04-20,oidc-federation-2026-04-01' },
    body: {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: token,
      federation_rule_id: requireText(reference.federation_rule_id),
      organization_id: requireText(reference.organization_id),
      service_account_id: reference.service_account_id,
      workspace_id: reference.workspace_id,
    },
  }),
};

/**
 * Exchanges a token of one's own identity provider for a short-lived one of a model provider.
 *
 * @throws CredentialError
 */
export async function fetchFederatedToken(
  reference: FederationReference,
  tools: CredentialTools,
  via: Via,
): Promise<Fetched<BearerToken>> {
  const token = headerSafe(requireSecret(tools, reference.secret));
  const { url, headers, body } = EXCHANGES[reference.source](reference, token);
  const answer = await ask(
    tools,
    {
      url: reference.token_url ?? url,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify(body),
      place: 'network',
    },
    via,
  );
  return readTokenAnswer(answer, tools.clock.now());
}
