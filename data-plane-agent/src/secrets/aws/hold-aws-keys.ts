import type { AwsCredentialReference, AwsRole } from '@bonito/protocol';
import type { Cells, Holder } from '../credential-cells.ts';
import { CredentialError } from '../credential-error.ts';
import { type CredentialTools, requireSecret, requireText } from '../credential-tools.ts';
import { holdSecret, holdValue } from '../held-secret.ts';
import { headerSafe } from '../read-json.ts';
import { type AwsKeys, readEnvironmentKeys, readStaticKeys } from './aws-keys.ts';
import { fetchContainerKeys, hasContainerKeys } from './container-keys.ts';
import { fetchInstanceKeys } from './instance-keys.ts';
import { assumeRole, assumeRoleWithWebIdentity, type StsCall } from './sts.ts';

export interface AwsHolding {
  /** Which STS is asked, and with what. */
  readonly sts: StsCall;
  /** Reads secrets from memory: for keys that are used as they stand. */
  readonly memory: CredentialTools;
  readonly cells: Cells;
  readonly reload: () => void;
}

/** The configured region, or else the provider's, or else the machine's. */
export function stsRegion(
  { sts_region }: AwsCredentialReference,
  ofProvider: string | undefined,
  { environment }: CredentialTools,
): string | undefined {
  return sts_region ?? ofProvider ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
}

/** The start of a chain, and the roles that are still to be taken with it. */
interface Base {
  /** Everything that the keys depend on. */
  readonly dependsOn: readonly unknown[];
  readonly keys: Holder<AwsKeys>;
  readonly roles: readonly AwsRole[];
}

/** The keys that a reference leads to, by its chain of roles. Each link is kept by itself and shared. */
export function holdAwsKeys(reference: AwsCredentialReference, holding: AwsHolding): Holder<AwsKeys> {
  const { sts: call, cells } = holding;
  const { via } = call;
  const base = baseOf(reference, holding);
  let { keys, dependsOn } = base;
  for (const role of base.roles) {
    const parent = keys;
    dependsOn = [...dependsOn, role, call.place, via.name];
    keys = cells.cell('aws role', dependsOn, async () => {
      const signing = await parent.get();
      try {
        return await assumeRole(call, role, signing);
      } catch (error) {
        if (error instanceof CredentialError && error.problem === 'expired') parent.refused(true);
        throw error;
      }
    });
  }
  return keys;
}

function baseOf(reference: AwsCredentialReference, holding: AwsHolding): Base {
  const { sts, memory, cells, reload } = holding;
  const { tools } = sts;
  const roles = reference.roles ?? [];
  const source = reference.source === 'default' ? defaultSource(tools) : reference.source;
  switch (source) {
    case 'static': {
      const { secret } = reference;
      const read = () => secret && memory.readSecret(secret);
      return { dependsOn: [source, secret], keys: holdSecret(read, readStaticKeys, reload), roles };
    }
    case 'environment':
      return { dependsOn: [source], keys: holdValue(readEnvironmentKeys(tools.environment)), roles };
    case 'web_identity':
      return webIdentity(reference, holding);
    case 'container':
      return {
        dependsOn: [source],
        keys: cells.cell('aws container', [], () => fetchContainerKeys(tools)),
        roles,
      };
    case 'instance':
      return {
        dependsOn: [source],
        keys: cells.cell('aws instance', [], () => fetchInstanceKeys(tools)),
        roles,
      };
  }
}

/** The order of AWS's own libraries, without profiles in files: an agent has no home folder. */
function defaultSource(
  tools: CredentialTools,
): Exclude<AwsCredentialReference['source'], 'default' | 'static'> {
  const { environment } = tools;
  if (environment.AWS_ACCESS_KEY_ID && environment.AWS_SECRET_ACCESS_KEY) return 'environment';
  if (environment.AWS_WEB_IDENTITY_TOKEN_FILE && environment.AWS_ROLE_ARN) return 'web_identity';
  return hasContainerKeys(tools) ? 'container' : 'instance';
}

/**
 * With the environment's own token the environment's role is taken first; with a token that the configuration names, the
 * first of its roles.
 */
function webIdentity(reference: AwsCredentialReference, { sts: call, cells }: AwsHolding): Base {
  const { tools, via } = call;
  const { environment } = tools;
  const { secret } = reference;
  const ownRole: AwsRole | undefined =
    !secret && environment.AWS_ROLE_ARN
      ? {
          arn: environment.AWS_ROLE_ARN,
          ...(environment.AWS_ROLE_SESSION_NAME && { session_name: environment.AWS_ROLE_SESSION_NAME }),
        }
      : undefined;
  const [first, ...others] = reference.roles ?? [];
  const role = ownRole ?? first;
  const dependsOn = ['web_identity', secret, role, call.place, via.name];
  const keys = cells.cell('aws web_identity', dependsOn, async () => {
    if (!role) throw new CredentialError('not_configured');
    return assumeRoleWithWebIdentity(call, role, headerSafe(readToken()));
  });
  const readToken = () =>
    secret
      ? requireSecret(tools, secret)
      : requireText(tools.readFile(environment.AWS_WEB_IDENTITY_TOKEN_FILE ?? ''));
  return { dependsOn, keys, roles: ownRole ? (reference.roles ?? []) : others };
}
