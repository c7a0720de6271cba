import { CredentialError } from './credential-error.ts';

/** What a token of this machine's own identity is for. */
export type IdentityCloud = 'aws' | 'azure' | 'azure-login' | 'google';

/**
 * The clouds' own hosts. Names under which customers of a cloud run their own code or collect requests (API gateways,
 * storage, machine learning endpoints) are not among them.
 */
const CLOUD_HOSTS: Readonly<Record<IdentityCloud, RegExp>> = {
  aws: /^(?:[a-z0-9-]+\.)?sts(?:-fips)?(?:\.[a-z]{2,4}(?:-[a-z]+)+-\d)?(?:\.vpce)?\.(?:amazonaws\.com(?:\.cn)?|api\.aws|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov)$/,
  azure:
    /^[a-z0-9-]+\.(?:openai|cognitiveservices|services\.ai)\.azure\.(?:com|us|cn)$|^[a-z0-9-]+\.api\.cognitive\.microsoft\.(?:com|us)$|^[a-z0-9-]+\.privatelink\.(?:openai|cognitiveservices)\.azure\.com$/,
  'azure-login': /^login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn|chinacloudapi\.cn)$/,
  google: /^(?!.*storage)(?:[a-z0-9-]+\.)*googleapis\.com$/,
};

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * The configuration names the address, and it comes from the control plane; the identity of the machine was given by its
 * owner for something else besides. So such tokens go to the cloud that they are made for, to this machine itself, and to
 * hosts that the operator lists. Never in clear text over a network.
 *
 * @param url an address, or the base URL of a provider
 * @throws CredentialError `host_not_allowed`
 */
export function requireTrustedHost(cloud: IdentityCloud, url: string, listed: ReadonlySet<string>): void {
  const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: '' };
  if (LOOPBACK.test(hostname)) return;
  const trusted = CLOUD_HOSTS[cloud].test(hostname) || listed.has(hostname);
  if (protocol !== 'https:' || !trusted) throw new CredentialError('host_not_allowed');
}
