import { CredentialError } from '../credential-error.ts';
import { ask, type CredentialTools } from '../credential-tools.ts';
import { headerSafe, parseFields, textField } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';
import { type AwsKeys, answeredAt, readGivenKeys } from './aws-keys.ts';

const IPV4 = 'http://169.254.169.254';
const IPV6 = 'http://[fd00:ec2::254]';
const ROLE_PATH = '/latest/meta-data/iam/security-credentials/';
const TOKEN_SECONDS = 300;

/**
 * The keys of an EC2 instance's role, by version 2 of the metadata service alone: version 1 answers whoever can make this
 * process send a GET. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 *
 * @throws CredentialError
 */
export async function fetchInstanceKeys(tools: CredentialTools): Promise<Fetched<AwsKeys>> {
  const { environment, clock } = tools;
  if (environment.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') {
    throw new CredentialError('not_configured');
  }
  const origin = originOf(environment);
  const session = await ask(tools, {
    url: `${origin}/latest/api/token`,
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_SECONDS), 'content-length': '0' },
    place: 'machine',
  });
  if (session.status !== 200) throw new CredentialError('permission_missing');
  const headers = { 'x-aws-ec2-metadata-token': headerSafe(session.body.trim()) };
  const get = (path: string) =>
    ask(tools, { url: `${origin}${path}`, method: 'GET', headers, place: 'machine' });
  const roles = await get(ROLE_PATH);
  const role = roles.status === 200 ? roles.body.split('\n', 1)[0]?.trim() : undefined;
  if (!role) throw new CredentialError('not_configured');
  const answer = await get(`${ROLE_PATH}${encodeURIComponent(role)}`);
  if (answer.status !== 200) throw new CredentialError('not_configured');
  const fields = parseFields(answer.body);
  const code = textField(fields, 'Code');
  if (code !== undefined && code !== 'Success') throw new CredentialError('permission_missing');
  return readGivenKeys(fields, 'Token', answeredAt(answer.headers, clock.now()));
}

function originOf(environment: CredentialTools['environment']): string {
  const given = environment.AWS_EC2_METADATA_SERVICE_ENDPOINT;
  if (given) {
    const url = URL.parse(given);
    if (!url || !/^https?:$/.test(url.protocol)) throw new CredentialError('not_configured');
    return url.origin;
  }
  return environment.AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6' ? IPV6 : IPV4;
}
