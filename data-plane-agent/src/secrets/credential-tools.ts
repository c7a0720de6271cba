import { hash } from 'node:crypto';
import type { Provider, SecretReference } from '@bonito/protocol';
import type { Clock } from '../gateway/ports.ts';
import {
  type CredentialAnswer,
  type CredentialRequest,
  CredentialRequestError,
  type SendCredentialRequest,
} from '../outbound/credential-requests.ts';
import { CredentialError } from './credential-error.ts';

/** How a provider is reached, which its credential's services are reached by too. */
export interface Via {
  readonly proxy: string | undefined;
  readonly ca: string | undefined;
  /** The same for the same way. */
  readonly name: string;
}

export function viaOf({ proxy, ca }: Pick<Provider, 'proxy' | 'ca'>): Via {
  const name = proxy || ca ? hash('sha256', JSON.stringify([proxy, ca])) : '';
  return { proxy, ca, name };
}

/** What the ways to a credential work with. */
export interface CredentialTools {
  readonly clock: Clock;
  readonly send: SendCredentialRequest;
  /** The process's environment: what a cloud tells its workloads about themselves. Not what a provider may name. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A secret that a provider may name, as it is now. */
  readonly readSecret: (reference: SecretReference) => string | undefined;
  /** A file that the environment or an operator's own file names, as it is now; undefined when it cannot be read. */
  readonly readFile: (path: string) => string | undefined;
  /** Hosts besides the clouds' own that a token of this machine's identity may be sent to, in lower case. */
  readonly trustedHosts: ReadonlySet<string>;
}

/** @throws CredentialError `not_configured` when it is not named, or not there */
export function requireSecret(tools: CredentialTools, reference: SecretReference | undefined): string {
  const secret = reference && tools.readSecret(reference);
  if (!secret) throw new CredentialError('not_configured');
  return secret;
}

/** @throws CredentialError `not_configured` */
export function requireText(value: string | undefined): string {
  if (!value) throw new CredentialError('not_configured');
  return value;
}

/** Sends a request. @throws CredentialError `unreachable` where there is no whole answer, and for errors that may pass */
export async function ask(
  tools: CredentialTools,
  request: Omit<CredentialRequest, 'proxy' | 'ca'>,
  via?: Via,
): Promise<CredentialAnswer> {
  let answer: CredentialAnswer;
  try {
    answer = await tools.send({ ...request, proxy: via?.proxy, ca: via?.ca });
  } catch (error) {
    const tooLarge = error instanceof CredentialRequestError && error.code === 'too_large';
    throw new CredentialError(tooLarge ? 'malformed' : 'unreachable');
  }
  if (answer.status >= 500 || answer.status === 429 || answer.status === 408) {
    throw new CredentialError('unreachable');
  }
  return answer;
}
