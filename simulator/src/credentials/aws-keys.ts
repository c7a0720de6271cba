import { randomBytes } from 'node:crypto';

/** Credentials for signing requests. */
export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
  /** Milliseconds since 1970; infinite for long-lived keys. */
  expires: number;
  /** Who it is, for GetCallerIdentity. */
  arn: string;
}

export interface AwsKeys {
  /** The key of an id, or undefined. */
  find(accessKeyId: string): AwsKey | undefined;
  /** New temporary credentials. */
  issue(arn: string, seconds: number): AwsKey & { sessionToken: string };
}

export const awsAccount = '123456789012';
const mostKept = 10_000;

/** The published long-lived key, and the temporary ones that STS and the metadata services gave out. */
export function createAwsKeys(
  { awsAccessKeyId, awsSecretAccessKey }: { awsAccessKeyId: string; awsSecretAccessKey: string },
  now: () => number,
): AwsKeys {
  const longLived: AwsKey = {
    accessKeyId: awsAccessKeyId,
    secretAccessKey: awsSecretAccessKey,
    sessionToken: undefined,
    expires: Number.POSITIVE_INFINITY,
    arn: `arn:aws:iam::${awsAccount}:user/simulator`,
  };
  const issued = new Map<string, AwsKey>();
  return {
    find: (id) => (id === longLived.accessKeyId ? longLived : issued.get(id)),
    issue(arn, seconds) {
      if (issued.size >= mostKept) issued.clear();
      const key = {
        accessKeyId: `ASIASIM${randomBytes(7).toString('hex').toUpperCase().slice(0, 13)}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: `simulator-session-${randomBytes(48).toString('base64')}`,
        expires: now() + seconds * 1000,
        arn,
      };
      issued.set(key.accessKeyId, key);
      return key;
    },
  };
}
