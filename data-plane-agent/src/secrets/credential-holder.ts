import type { CredentialReference } from '@bonito/protocol';
import type { CredentialProblem } from '../gateway/ports.ts';
import type { Credential } from '../gateway/providers/provider-kind.ts';
import type { ClockSkew } from './aws/sts.ts';
import type { Cells } from './credential-cells.ts';
import type { CredentialTools } from './credential-tools.ts';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** One provider's credential. */
export interface CredentialHolder {
  read(): Credential | Promise<Credential | undefined> | undefined;
  problem(): CredentialProblem | undefined;
  /** The provider refused it with this answer. */
  refusedBy(status: number | undefined, headers: Headers | undefined): void;
  /** Gets it anew, and asks its issuer where that can be asked. @throws CredentialError */
  verify(): Promise<void>;
}

export interface CredentialParts {
  /** Reads secrets from memory. */
  readonly tools: CredentialTools;
  /** Reads secrets from where they are, for a fetch. */
  readonly fresh: CredentialTools;
  readonly cells: Cells;
  readonly skew: ClockSkew;
  readonly reload: (reference: CredentialReference) => void;
}
