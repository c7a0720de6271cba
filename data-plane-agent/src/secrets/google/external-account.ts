import { type BearerToken, readTokenAnswer } from '../bearer-token.ts';
import { CredentialError } from '../credential-error.ts';
import { ask } from '../credential-tools.ts';
import { headerSafe, type JsonFields, parseFields, requiredField, textField } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';
import { requireGoogleUrl } from './google-host.ts';
import type { GoogleQuery } from './google-query.ts';

const STS_URL = 'https://sts.googleapis.com/v1/token';
const CLOUD_SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const METADATA_HOST = /^(?:169\.254\.169\.254|\[fd00:ec2::254\]|localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/**
 * A token by workload identity federation: a token of another cloud or cluster, from a file or an address, exchanged at
 * Google, and then exchanged for a service account's if the file says so. https://google.aip.dev/auth/4117
 *
 * @throws CredentialError `not_configured` for sources that are neither a file nor an address
 */
export async function fetchExternalAccountToken(
  account: JsonFields,
  query: GoogleQuery,
): Promise<Fetched<BearerToken>> {
  const { tools, via, scopes, tokenUrl } = query;
  const impersonation = textField(account, 'service_account_impersonation_url');
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: requiredField(account, 'audience'),
    // The service account's scopes are asked for when its token is.
    scope: impersonation ? CLOUD_SCOPE : scopes.join(' '),
    subject_token_type: requiredField(account, 'subject_token_type'),
    subject_token: await subjectToken(account, query),
  });
  const ownUrl = textField(account, 'token_url');
  const answer = await ask(
    tools,
    {
      url: tokenUrl ?? (ownUrl === undefined ? STS_URL : requireGoogleUrl(ownUrl)),
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      place: 'network',
    },
    via,
  );
  const federated = readTokenAnswer(answer, tools.clock.now());
  return impersonation ? impersonate(requireGoogleUrl(impersonation), federated.value, query) : federated;
}

/** https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken */
async function impersonate(
  url: string,
  { token }: BearerToken,
  { tools, via, scopes }: GoogleQuery,
): Promise<Fetched<BearerToken>> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const body = JSON.stringify({ scope: scopes });
  const answer = await ask(tools, { url, method: 'POST', headers, body, place: 'network' }, via);
  if (answer.status === 403 || answer.status === 404) throw new CredentialError('permission_missing');
  if (answer.status !== 200) throw new CredentialError('refused');
  const fields = parseFields(answer.body);
  const expiresAt = Date.parse(requiredField(fields, 'expireTime'));
  if (Number.isNaN(expiresAt)) throw new CredentialError('malformed');
  const value = { type: 'bearer', token: headerSafe(requiredField(fields, 'accessToken')) } as const;
  return { value, lifetimeMs: expiresAt - tools.clock.now() };
}

async function subjectToken(account: JsonFields, { tools, via }: GoogleQuery): Promise<string> {
  const source = fieldsIn(account, 'credential_source');
  const format = fieldsIn(source, 'format');
  const path = textField(source, 'file');
  const url = textField(source, 'url');
  if (path !== undefined) {
    const text = tools.readFile(path);
    if (text === undefined) throw new CredentialError('not_configured');
    return inFormat(text, format);
  }
  // AWS's own form and programs are left out: an agent on AWS is better served by a file that its cluster projects.
  if (url === undefined || textField(source, 'environment_id') !== undefined) {
    throw new CredentialError('not_configured');
  }
  const { protocol, hostname } = URL.parse(url) ?? { protocol: '', hostname: '' };
  const machine = METADATA_HOST.test(hostname);
  if (protocol !== 'https:' && !(machine && protocol === 'http:'))
    throw new CredentialError('host_not_allowed');
  const given = Object.entries(fieldsIn(source, 'headers'));
  const headers = Object.fromEntries(
    given.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
  const place = machine ? 'machine' : 'network';
  const answer = await ask(tools, { url, method: 'GET', headers, place }, via);
  if (answer.status !== 200) throw new CredentialError('refused');
  return inFormat(answer.body.trim(), format);
}

function inFormat(text: string, format: JsonFields): string {
  if (textField(format, 'type') !== 'json') return headerSafe(text);
  return headerSafe(requiredField(parseFields(text), requiredField(format, 'subject_token_field_name')));
}

function fieldsIn(fields: JsonFields, name: string): JsonFields {
  const value = fields[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonFields) : {};
}
