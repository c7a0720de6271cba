import type { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import pg from 'pg';
import type { DatabaseTransaction } from './transactions.ts';

/** Notifications between replicas. They may be lost while the connection is away, so that nothing may rest on them alone. */
export interface Listener {
  /** Calls back for each notification on a channel, until the answered function is called. */
  listen(channel: string, onNotification: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Sends a notification when the transaction commits. The payload is at most 8,000 bytes. */
export async function notify(
  transaction: DatabaseTransaction,
  channel: string,
  payload: string,
): Promise<void> {
  await sql`select pg_notify(${channel}, ${payload})`.execute(transaction);
}

/** Listens on the one session of the embedded database. */
export function createPgliteListener(pglite: PGlite): Listener {
  return {
    async listen(channel, onNotification) {
      const stop = await pglite.listen(channel, onNotification);
      return () => (pglite.closed ? Promise.resolve() : stop());
    },
    close: async () => {},
  };
}

const RECONNECT_MILLISECONDS = { first: 100, most: 5_000 };

/** Listens on a connection of its own, opened at the first use and opened again when it breaks. */
export function createPostgresListener(config: pg.ClientConfig): Listener {
  const channels = new Map<string, Set<(payload: string) => void>>();
  let client: pg.Client | undefined;
  let connecting: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let delay = RECONNECT_MILLISECONDS.first;
  let closed = false;

  async function connect(): Promise<void> {
    const fresh = new pg.Client({ ...config, keepAlive: true });
    fresh.on('notification', ({ channel, payload }) => {
      for (const callback of channels.get(channel) ?? []) callback(payload ?? '');
    });
    fresh.on('error', () => lost(fresh));
    fresh.on('end', () => lost(fresh));
    try {
      await fresh.connect();
      for (const channel of channels.keys()) await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`);
    } catch (error) {
      await fresh.end().catch(() => {});
      throw error;
    }
    client = fresh;
    delay = RECONNECT_MILLISECONDS.first;
  }

  function lost(which: pg.Client): void {
    if (which !== client) return;
    client = undefined;
    connectLater();
  }

  function connectLater(): void {
    if (closed || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      connecting = connect().catch(connectLater);
    }, delay);
    retry.unref();
    delay = Math.min(delay * 2, RECONNECT_MILLISECONDS.most);
  }

  return {
    async listen(channel, onNotification) {
      const callbacks = channels.get(channel) ?? new Set();
      channels.set(channel, callbacks.add(onNotification));
      if (client) await client.query(`listen ${client.escapeIdentifier(channel)}`);
      else if (!retry) {
        connecting ??= connect();
        await connecting;
      }
      return async () => {
        callbacks.delete(onNotification);
        if (callbacks.size > 0 || channels.get(channel) !== callbacks) return;
        channels.delete(channel);
        if (client && !closed) await client.query(`unlisten ${client.escapeIdentifier(channel)}`);
      };
    },
    async close() {
      closed = true;
      clearTimeout(retry);
      await connecting?.catch(() => {});
      const last = client;
      client = undefined;
      await last?.end();
    },
  };
}
