import { type AwsKeys, createAwsKeys } from './aws-keys.ts';
import { createTokenStore, type TokenStore } from './token-store.ts';

/** The credentials that the simulator accepts when it is not told others. They are public and open nothing else. */
export const publishedCredentials = {
  apiKey: 'simulator-key',
  awsAccessKeyId: 'AKIASIMULATOR0000001',
  awsSecretAccessKey: 'simulatorSecretAccessKey0000000000000001',
  entraTenantId: '00000000-0000-4000-8000-000000000001',
  entraClientId: '00000000-0000-4000-8000-000000000002',
  entraClientSecret: 'simulator-client-secret',
  googleProject: 'simulator-project',
  googleServiceAccount: 'simulator@simulator-project.iam.gserviceaccount.com',
} as const;

export type SimulatorCredentials = { -readonly [Name in keyof typeof publishedCredentials]: string };

/** Decides which credentials are good. */
export interface Authority {
  credentials: SimulatorCredentials;
  /** Milliseconds since 1970. */
  now: () => number;
  /** True for the simulator's key. */
  isKey(key: unknown): boolean;
  /** True on OpenAI's own paths: everything, unless one credential was set. */
  isOpenAiKey(key: string | undefined): boolean;
  aws: AwsKeys;
  /** Bearer tokens that the simulator's own token endpoints gave out. */
  tokens: TokenStore;
}

/**
 * `onlyKey` replaces the published API key, and is then demanded on OpenAI's paths too. `others` replace the other
 * published credentials.
 */
export function createAuthority(
  onlyKey: string | undefined,
  others: Partial<SimulatorCredentials>,
  now: () => number,
): Authority {
  const credentials = {
    ...publishedCredentials,
    ...others,
    ...(onlyKey !== undefined && { apiKey: onlyKey }),
  };
  return {
    credentials,
    now,
    isKey: (key) => key === credentials.apiKey,
    isOpenAiKey: (key) => onlyKey === undefined || key === onlyKey,
    aws: createAwsKeys(credentials, now),
    tokens: createTokenStore(now),
  };
}
