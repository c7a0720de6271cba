import type { Provider } from '@bonito/protocol';
import type { Credential } from '../gateway/providers/provider-kind.ts';
import { AwsHolder } from './aws/aws-holder.ts';
import { fetchAzureToken } from './azure/fetch-azure-token.ts';
import type { BearerToken } from './bearer-token.ts';
import type { Holder } from './credential-cells.ts';
import { problemOf } from './credential-error.ts';
import type { CredentialHolder, CredentialParts } from './credential-holder.ts';
import { type CredentialTools, viaOf } from './credential-tools.ts';
import { fetchFederatedToken } from './federation/fetch-federated-token.ts';
import { fetchGoogleToken } from './google/fetch-google-token.ts';
import { holdSecret, holdValue } from './held-secret.ts';
import type { Fetched } from './renewing.ts';
import { type IdentityCloud, requireTrustedHost } from './trusted-hosts.ts';

const NO_CREDENTIAL: Credential = { type: 'none' };

/** Finds out what a provider's reference asks for. Fetches nothing yet. */
export function holdCredential(provider: Provider, parts: CredentialParts): CredentialHolder {
  const { credential: reference } = provider;
  const { tools, fresh, cells, reload } = parts;
  const via = viaOf(provider);
  const bearer = (cloud: IdentityCloud | undefined, fetch: () => Promise<Fetched<BearerToken>>) => {
    const kind = `${reference.from} ${'source' in reference ? reference.source : ''}`;
    return token(cells.cell(kind, [reference, via.name], fetch), cloud, provider, tools);
  };
  switch (reference.from) {
    case 'none':
      return simple(holdValue<Credential>(NO_CREDENTIAL));
    case 'environment':
    case 'file': {
      const parse = (value: string): Credential => ({ type: 'secret', value });
      return simple(
        holdSecret(
          () => tools.readSecret(reference),
          parse,
          () => reload(reference),
        ),
      );
    }
    case 'aws':
      return new AwsHolder(reference, provider.region, parts, via);
    case 'azure': {
      const cloud = reference.source === 'client_secret' ? undefined : 'azure';
      return bearer(cloud, () => fetchAzureToken(reference, fresh, via));
    }
    case 'google': {
      const cloud = reference.source === 'ambient' ? 'google' : undefined;
      return bearer(cloud, () => fetchGoogleToken(reference, fresh, via));
    }
    case 'federation':
      return bearer(undefined, () => fetchFederatedToken(reference, fresh, via));
    default:
      return simple(holdValue<Credential>(undefined));
  }
}

function simple(holder: Holder<Credential>): CredentialHolder {
  return {
    read: () => holder.read(),
    problem: () => holder.problem(),
    refusedBy: () => holder.refused(false),
    verify: async () => void (await holder.renew()),
  };
}

/** @param cloud whose identity of this machine the token is; undefined for a secret that the operator gave for providers */
function token(
  holder: Holder<Credential>,
  cloud: IdentityCloud | undefined,
  provider: Provider,
  tools: CredentialTools,
): CredentialHolder {
  try {
    if (cloud) requireTrustedHost(cloud, provider.base_url, tools.trustedHosts);
  } catch (error) {
    const problem = problemOf(error);
    return {
      read: () => undefined,
      problem: () => problem,
      refusedBy: () => undefined,
      verify: () => Promise.reject(error),
    };
  }
  return {
    read: () => holder.read(),
    problem: () => holder.problem(),
    // 401 says that the token itself is not good; 403 that it may not do something, which a new one may.
    refusedBy: (status) => holder.refused(status === 401),
    verify: async () => void (await holder.renew()),
  };
}
