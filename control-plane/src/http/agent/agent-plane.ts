import type { Database } from '../../db/transactions.ts';
import type { AgentAuthenticator, AgentIdentity } from '../../services/fleet/authenticate-agent.ts';
import type { Clock } from '../../services/service-context.ts';
import type { ServerKeys } from '../../signing/server-keys.ts';
import type { ManifestStore } from '../../snapshots/manifest-store.ts';
import type { RevisionHub } from '../../snapshots/revision-hub.ts';
import type { SectionStore } from '../../snapshots/section-store.ts';

/** What the agent endpoints are made of. */
export interface AgentPlane {
  database: Database;
  keys: ServerKeys;
  clock: Clock;
  hub: RevisionHub;
  manifests: ManifestStore;
  sections: SectionStore;
  authenticator: AgentAuthenticator;
  /** Hears of what nobody expected; the agent is told a request id only. */
  onUnexpectedError(error: unknown): void;
}

/** Who asks, in which protocol. */
export interface AgentCaller {
  identity: AgentIdentity;
  /** The process, from `Bonito-Instance`. */
  instance: string;
  /** The protocol of the answer: the agent's, or ours where the agent is newer. */
  protocol: number;
}

/** What middleware leaves on a request of an agent. */
export interface AgentEnvironment {
  Variables: { requestId: string; caller: AgentCaller };
}
