import { CredentialError } from '../credential-error.ts';
import { ask, type CredentialTools } from '../credential-tools.ts';
import { headerSafe, parseFields } from '../read-json.ts';
import type { Fetched } from '../renewing.ts';
import { type AwsKeys, answeredAt, readGivenKeys } from './aws-keys.ts';

const ECS = 'http://169.254.170.2';
/** ECS tasks, EKS pod identity, and this machine. */
const PLAIN_HOSTS =
  /^(?:169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\]|localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether the environment says where a container's credentials are. */
export function hasContainerKeys({ environment }: CredentialTools): boolean {
  return Boolean(
    environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || environment.AWS_CONTAINER_CREDENTIALS_FULL_URI,
  );
}

/**
 * The keys of an ECS task or of an EKS pod with pod identity.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 *
 * @throws CredentialError
 */
export async function fetchContainerKeys(tools: CredentialTools): Promise<Fetched<AwsKeys>> {
  const url = addressOf(tools);
  const authorization = authorizationOf(tools);
  const place = PLAIN_HOSTS.test(new URL(url).hostname) ? 'machine' : 'network';
  const answer = await ask(tools, {
    url,
    method: 'GET',
    headers: { accept: 'application/json', ...(authorization && { authorization }) },
    place,
  });
  if (answer.status === 401 || answer.status === 403) throw new CredentialError('permission_missing');
  if (answer.status !== 200) throw new CredentialError(answer.status === 404 ? 'not_configured' : 'refused');
  return readGivenKeys(parseFields(answer.body), 'Token', answeredAt(answer.headers, tools.clock.now()));
}

function addressOf({ environment }: CredentialTools): string {
  const relative = environment.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  if (relative) {
    if (!relative.startsWith('/')) throw new CredentialError('not_configured');
    return `${ECS}${relative}`;
  }
  const url = URL.parse(environment.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '');
  const allowed = url?.protocol === 'https:' || (url?.protocol === 'http:' && PLAIN_HOSTS.test(url.hostname));
  if (!url || !allowed) throw new CredentialError('not_configured');
  return url.href;
}

/** From the file, which is rotated, or the variable. */
function authorizationOf({ environment, readFile }: CredentialTools): string | undefined {
  const path = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
  if (path) {
    const token = readFile(path);
    if (!token) throw new CredentialError('not_configured');
    return headerSafe(token);
  }
  const token = environment.AWS_CONTAINER_AUTHORIZATION_TOKEN?.trim();
  // `Basic ...` and such have a blank.
  if (token && !/^[\x20-\x7e]+$/.test(token)) throw new CredentialError('malformed');
  return token || undefined;
}
