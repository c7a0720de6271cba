import type { GoogleCredentialReference } from '@bonito/protocol';
import { type BearerToken, readTokenAnswer } from '../bearer-token.ts';
import { CredentialError } from '../credential-error.ts';
import { ask, type CredentialTools, requireSecret, requireText, type Via } from '../credential-tools.ts';
import { parseFields, textField } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';
import { fetchExternalAccountToken } from './external-account.ts';
import type { GoogleQuery } from './google-query.ts';
import { fetchServiceAccountToken } from './service-account.ts';

const DEFAULT_SCOPES = ['https://www.googleapis.com/auth/cloud-platform'];
const METADATA_PATH = '/computeMetadata/v1/instance/service-accounts/default/token';

/**
 * An access token of Google Cloud.
 *
 * @throws CredentialError
 */
export function fetchGoogleToken(
  reference: GoogleCredentialReference,
  tools: CredentialTools,
  via: Via,
): Promise<Fetched<BearerToken>> {
  const query = { tools, via, scopes: reference.scopes ?? DEFAULT_SCOPES, tokenUrl: reference.token_url };
  if (reference.source === 'service_account') return fromFile(requireSecret(tools, reference.secret), query);
  const path = tools.environment.GOOGLE_APPLICATION_CREDENTIALS;
  return path ? fromFile(requireText(tools.readFile(path)), query) : fromMetadata(query);
}

async function fromFile(text: string, query: GoogleQuery): Promise<Fetched<BearerToken>> {
  const fields = parseFields(text);
  switch (textField(fields, 'type')) {
    case 'service_account':
      return fetchServiceAccountToken(fields, query);
    case 'external_account':
      return fetchExternalAccountToken(fields, query);
    default:
      throw new CredentialError('malformed');
  }
}

/** https://cloud.google.com/compute/docs/access/authenticate-workloads#applications */
async function fromMetadata({ tools, scopes }: GoogleQuery): Promise<Fetched<BearerToken>> {
  // By address and not by name: the name is the network's to resolve.
  const host = tools.environment.GCE_METADATA_HOST || '169.254.169.254';
  const url = URL.parse(`http://${host}${METADATA_PATH}`);
  if (!url) throw new CredentialError('not_configured');
  url.searchParams.set('scopes', scopes.join(','));
  const headers = { 'metadata-flavor': 'Google' };
  const answer = await ask(tools, { url: url.href, method: 'GET', headers, place: 'machine' });
  // Something else may live at this address in other clouds.
  if (answer.headers['metadata-flavor'] !== 'Google') throw new CredentialError('not_configured');
  return readTokenAnswer(answer, tools.clock.now());
}
