import { Redis } from 'ioredis';
import { REVISIONS_CHANNEL } from './publish-change.ts';

/** A way besides Postgres on which replicas tell each other of changed organizations. */
export interface ReplicaChannel {
  publish(organizationId: string): Promise<void>;
  /** Calls back for each organization; answers how to stop. */
  subscribe(onOrganization: (organizationId: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

const ORGANIZATION = /^[0-9a-f-]{36}$/;

/**
 * Publishes and subscribes on Redis or Valkey. Where it is away nothing is lost: Postgres notifies too, and revisions are
 * read again regularly. Connections come back by themselves.
 *
 * @param onError hears of a connection that broke; at most once for each time
 */
export function createRedisChannel(url: string, onError: (error: unknown) => void): ReplicaChannel {
  const options = { lazyConnect: true, maxRetriesPerRequest: 1, enableOfflineQueue: false } as const;
  const publisher = new Redis(url, options);
  const subscriber = new Redis(url, { ...options, enableOfflineQueue: true, maxRetriesPerRequest: null });
  for (const connection of [publisher, subscriber]) {
    connection.on('error', onError);
  }
  return {
    async publish(organizationId) {
      if (publisher.status === 'wait') await publisher.connect();
      await publisher.publish(REVISIONS_CHANNEL, organizationId);
    },
    async subscribe(onOrganization) {
      const onMessage = (channel: string, message: string) => {
        if (channel === REVISIONS_CHANNEL && ORGANIZATION.test(message)) onOrganization(message);
      };
      subscriber.on('message', onMessage);
      // Not awaited: a Redis that is down must not keep the control plane from starting.
      subscriber.subscribe(REVISIONS_CHANNEL).catch(onError);
      return async () => {
        subscriber.off('message', onMessage);
      };
    },
    async close() {
      publisher.disconnect();
      subscriber.disconnect();
    },
  };
}
