import type { CredentialTools, Via } from '../credential-tools.ts';

/** One credential file of Google, and what is to be made of it. */
export interface GoogleQuery {
  readonly tools: CredentialTools;
  readonly via: Via;
  readonly scopes: readonly string[];
  /** The configured token endpoint, which stands above what a file says. */
  readonly tokenUrl: string | undefined;
}
