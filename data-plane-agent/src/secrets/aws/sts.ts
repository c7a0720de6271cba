import type { AwsRole } from '@bonito/protocol';
import { sign } from '../../gateway/providers/bedrock/sign.ts';
import type { CredentialAnswer } from '../../outbound/credential-requests.ts';
import { CredentialError } from '../credential-error.ts';
import { ask, type CredentialTools, type Via } from '../credential-tools.ts';
import type { Fetched } from '../renewing.ts';
import { requireTrustedHost } from '../trusted-hosts.ts';
import { type AwsKeys, answeredAt } from './aws-keys.ts';
import { readStsAnswer, readStsProblem } from './read-sts-answer.ts';

/** Which STS is asked. */
export interface StsPlace {
  readonly region: string | undefined;
  /** Instead of the region's own. */
  readonly url: string | undefined;
}

/** AWS's time less ours, in milliseconds, as STS's answers showed it. */
export interface ClockSkew {
  skewMs: number;
}

export interface StsCall {
  readonly tools: CredentialTools;
  readonly place: StsPlace;
  readonly via: Via;
  readonly skew: ClockSkew;
}

const VERSION = '2011-06-15';
const DEFAULT_SESSION = 'bonito';
/** AWS takes signatures that are up to five minutes off; a difference below this is not why one was refused. */
export const SKEW_NOTICE_MS = 60_000;

/**
 * Takes a role. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 *
 * @throws CredentialError
 */
export async function assumeRole(call: StsCall, role: AwsRole, keys: AwsKeys): Promise<Fetched<AwsKeys>> {
  const form = roleForm('AssumeRole', role);
  if (role.external_id !== undefined) form.set('ExternalId', role.external_id);
  for (const [index, [key, value]] of Object.entries(role.tags ?? {}).entries()) {
    form.set(`Tags.member.${index + 1}.Key`, key);
    form.set(`Tags.member.${index + 1}.Value`, value);
  }
  const answer = await sendSigned(call, form, keys);
  return readStsAnswer(answer, 'AssumeRole', call.tools.clock.now());
}

/**
 * Takes a role with a token of an identity provider; nothing is signed.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 *
 * @throws CredentialError
 */
export async function assumeRoleWithWebIdentity(
  call: StsCall,
  role: AwsRole,
  token: string,
): Promise<Fetched<AwsKeys>> {
  // Neither can be asked for with a token: what it carries itself decides.
  if (role.external_id !== undefined || role.tags !== undefined) throw new CredentialError('not_configured');
  const form = roleForm('AssumeRoleWithWebIdentity', role);
  form.set('WebIdentityToken', token);
  const { url } = endpointOf(call.place);
  requireTrustedHost('aws', url.href, call.tools.trustedHosts);
  const answer = await send(call, url, form.toString(), FORM_HEADERS);
  if (answer.status !== 200) throw new CredentialError(readStsProblem(answer));
  return readStsAnswer(answer, 'AssumeRoleWithWebIdentity', call.tools.clock.now());
}

/** Asks AWS whether it knows these keys. @throws CredentialError when it does not */
export async function askCallerIdentity(call: StsCall, keys: AwsKeys): Promise<void> {
  await sendSigned(call, new URLSearchParams({ Action: 'GetCallerIdentity', Version: VERSION }), keys);
}

const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

function roleForm(action: string, role: AwsRole): URLSearchParams {
  const form = new URLSearchParams({
    Action: action,
    Version: VERSION,
    RoleArn: role.arn,
    RoleSessionName: role.session_name ?? DEFAULT_SESSION,
  });
  if (role.duration_seconds !== undefined) form.set('DurationSeconds', String(role.duration_seconds));
  return form;
}

/** Where the clock is wrong, the answer's own time is taken, and the form is signed once more. */
async function sendSigned(call: StsCall, form: URLSearchParams, keys: AwsKeys): Promise<CredentialAnswer> {
  const { clock } = call.tools;
  const { url, region } = endpointOf(call.place);
  const body = form.toString();
  for (let again = false; ; again = true) {
    const now = clock.now() + call.skew.skewMs;
    const headers = signedHeaders(url, region, body, keys, now);
    const answer = await send(call, url, body, headers);
    if (answer.status === 200) return answer;
    const off = answeredAt(answer.headers, now) - now;
    if (again || Math.abs(off) < SKEW_NOTICE_MS) throw new CredentialError(readStsProblem(answer));
    call.skew.skewMs += off;
  }
}

function signedHeaders(url: URL, region: string, body: string, keys: AwsKeys, now: number) {
  const headers = { ...FORM_HEADERS } as Record<string, string>;
  const call = {
    method: 'POST',
    origin: url.origin,
    path: url.pathname,
    headers: Object.entries(FORM_HEADERS).flat(),
    body: Buffer.from(body),
  };
  const added = sign(call, { type: 'aws', ...keys, skewMs: 0 }, { region, service: 'sts' }, now);
  for (let at = 0; at + 1 < added.length; at += 2) headers[added[at] ?? ''] = added[at + 1] ?? '';
  return headers;
}

function send({ tools, via }: StsCall, url: URL, body: string, headers: Readonly<Record<string, string>>) {
  return ask(tools, { url: url.href, method: 'POST', headers, body, place: 'network' }, via);
}

/** https://docs.aws.amazon.com/general/latest/gr/sts.html; a region knows its partition by its beginning. */
const PARTITIONS: readonly (readonly [string, string])[] = [
  ['cn-', 'amazonaws.com.cn'],
  ['us-iso-', 'c2s.ic.gov'],
  ['us-isob-', 'sc2s.sgov.gov'],
  ['eusc-', 'amazonaws.eu'],
];

function endpointOf({ region, url }: StsPlace): { url: URL; region: string } {
  if (url !== undefined) return { url: new URL(url), region: region ?? 'us-east-1' };
  if (region === undefined) return { url: new URL('https://sts.amazonaws.com/'), region: 'us-east-1' };
  const [, suffix = 'amazonaws.com'] = PARTITIONS.find(([start]) => region.startsWith(start)) ?? [];
  return { url: new URL(`https://sts.${region}.${suffix}/`), region };
}
