import type { Listener } from '../../db/listen.ts';
import type { Database } from '../../db/transactions.ts';
import { createAgentAuthenticator } from '../../services/fleet/authenticate-agent.ts';
import type { Clock, Publisher } from '../../services/service-context.ts';
import type { ServerKeys } from '../../signing/server-keys.ts';
import { createManifestStore } from '../../snapshots/manifest-store.ts';
import { changed } from '../../snapshots/publish-change.ts';
import { createRedisChannel } from '../../snapshots/redis-channel.ts';
import { createRevisionHub } from '../../snapshots/revision-hub.ts';
import { createSectionStore } from '../../snapshots/section-store.ts';
import type { AgentPlane } from './agent-plane.ts';

/** The agent endpoints' parts, the publisher that services write through, and how to stop both. */
export interface RunningAgentPlane {
  plane: AgentPlane;
  publisher: Publisher;
  /** Answers waiting agents and lets go of Redis; the database stays open. */
  stop(): Promise<void>;
}

/** Puts the publishing side of one process together. */
export async function createAgentPlane(options: {
  database: Database;
  listener: Listener;
  keys: ServerKeys;
  clock: Clock;
  /** `REDIS_URL`; replicas then wake each other there too. */
  redisUrl?: string | undefined;
  onError?: (error: unknown) => void;
  /** False in tests that prove what notifications alone do. */
  reread?: boolean;
}): Promise<RunningAgentPlane> {
  const { database, listener, keys, clock, onError = () => {} } = options;
  const channel = options.redisUrl ? createRedisChannel(options.redisUrl, onError) : undefined;
  const hub = await createRevisionHub({
    database,
    listener,
    channel,
    onError,
    ...(options.reread !== undefined && { reread: options.reread }),
  });
  const plane: AgentPlane = {
    database,
    keys,
    clock,
    hub,
    manifests: createManifestStore({ database, keys }),
    sections: createSectionStore(database),
    authenticator: createAgentAuthenticator(database, clock.now),
    onUnexpectedError: onError,
  };
  return {
    plane,
    publisher: { changed, announce: hub.announce },
    async stop() {
      await hub.stop();
      await channel?.close();
    },
  };
}
