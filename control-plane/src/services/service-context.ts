import type { Database, DatabaseTransaction } from '../db/transactions.ts';
import type { DirtySection } from '../snapshots/publish-change.ts';

/** How services tell that configuration changed. */
export interface Publisher {
  /** Takes the next revision of an organization and compiles what changed; the last step of the caller's transaction. */
  changed(
    transaction: DatabaseTransaction,
    organizationId: string,
    dirty: readonly DirtySection[],
  ): Promise<unknown>;
  /** Wakes waiting agents, here and on other replicas; after the commit. Never throws. */
  announce(organizationId: string): void;
}

/** The time, given so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

/** Who acts, as it stands in the audit log. */
export interface Actor {
  type: 'admin_token' | 'platform_token' | 'system';
  id: string;
}

/** Writes the `bt-` token of a generation; the same arguments give the same token. */
export type AgentTokenIssuer = (organizationId: string, tokenId: string, generation: number) => string;

/** What services share in one process. */
export interface ServiceDependencies {
  db: Database;
  publisher: Publisher;
  clock: Clock;
  issueAgentToken: AgentTokenIssuer;
}

/** What every service function is given: where to read and write, as whom, for which organization. */
export interface ServiceContext extends ServiceDependencies {
  actor: Actor;
  organizationId: string;
  requestId?: string | undefined;
}
