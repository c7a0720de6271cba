import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { maskCredential, sha256 } from '@bonito/protocol';
import { createAdaptorServer } from '@hono/node-server';
import type { Logger } from 'pino';
import packageFile from '../package.json' with { type: 'json' };
import { createApp } from './app.ts';
import { openDatabase } from './db/open-database.ts';
import { ping, storePlatformToken } from './db/system.queries.ts';
import { describeError } from './describe-error.ts';
import { agentRoutes } from './http/agent/agent-routes.ts';
import { createAgentPlane } from './http/agent/create-agent-plane.ts';
import { startJobs } from './jobs/scheduler.ts';
import type { AgentTokenIssuer, Clock } from './services/service-context.ts';
import { databaseOptions, type Settings } from './settings.ts';
import { deriveAgentToken } from './signing/derive-token-secret.ts';
import { loadServerKeys } from './signing/load-server-keys.ts';
import { prepareToStop } from './stop-server.ts';

/** A control plane that serves. */
export interface ControlPlane {
  /** `http://127.0.0.1:4000` */
  url: string;
  /** Answers what is under way, then lets go of everything; within two seconds. */
  stop(): Promise<void>;
}

/** The token from the environment keeps one row, so that a new one ends the one before. */
const BOOTSTRAP_TOKEN_ID = '00000000-0000-7000-8000-000000000001';

/** Longer than load balancers keep idle connections, so that they never send into a closed one. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

const clock: Clock = { now: Date.now };

/** Opens the database, migrates it, loads the keys, and only then listens. */
export async function startControlPlane(settings: Settings, log: Logger): Promise<ControlPlane> {
  const stack = new AsyncDisposableStack();
  try {
    const open = await openDatabase(databaseOptions(settings), (error) =>
      log.warn(describeError(error), 'a database connection broke'),
    );
    stack.defer(() => open.close());
    if (open.migrated.length > 0) log.info({ migrations: open.migrated }, 'database migrated');
    const { database: db, listener } = open;
    const keys = await loadServerKeys(settings.signingKeys);
    await storeBootstrapToken(settings, db);

    const agents = await createAgentPlane({
      ...{ database: db, listener, keys, clock, redisUrl: settings.redisUrl },
      onError: (error) => log.warn(describeError(error), 'publishing met an error'),
    });
    let agentsStopped: Promise<void> | undefined;
    const stopAgents = () => {
      agentsStopped ??= agents.stop();
      return agentsStopped;
    };
    stack.defer(stopAgents);
    const jobs = startJobs({
      ...{ database: db, now: clock.now },
      onError: (job, error) => log.error({ job, ...describeError(error) }, 'a job failed'),
    });
    stack.defer(() => jobs.stop());

    const issueAgentToken: AgentTokenIssuer = (organizationId, tokenId, generation) =>
      deriveAgentToken(keys, organizationId, tokenId, generation);
    let stopping = false;
    const app = createApp({
      ...{ db, publisher: agents.publisher, clock, issueAgentToken, version: packageFile.version },
      isReady: async () => !stopping && (await answers(ping(db))),
      onUnexpectedError: (error, requestId) =>
        log.error({ request_id: requestId, ...describeError(error) }, 'a request failed'),
      agentApp: agentRoutes(agents.plane),
    });
    const server = createAdaptorServer({ fetch: app.fetch }) as Server;
    server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
    const stopServer = prepareToStop(server);
    const url = await listen(server, settings.listen);
    const resources = stack.move();
    log.info({ url, database: open.kind, version: packageFile.version }, `listening on ${url}`);
    return {
      url,
      async stop() {
        stopping = true;
        // Waiting agents are answered first, or their connections would hold the server open.
        await Promise.all([stopServer(), stopAgents()]);
        await resources.disposeAsync();
      },
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function storeBootstrapToken(
  settings: Settings,
  db: Parameters<typeof storePlatformToken>[0],
): Promise<void> {
  const token = settings.administratorToken;
  if (!token) return;
  await storePlatformToken(db, {
    ...{ id: BOOTSTRAP_TOKEN_ID, name: 'bootstrap', sha256: sha256(token), hint: maskCredential(token) },
    createdAt: new Date(clock.now()),
  });
}

const PING_MILLISECONDS = 2_000;

async function answers(question: Promise<void>): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), PING_MILLISECONDS);
  const answered = question.then(
    () => true,
    () => false,
  );
  return Promise.race([answered, tooLate]).finally(() => clearTimeout(timer));
}

function listen(server: Server, { host, port }: Settings['listen']): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      resolve(`http://${name}:${address.port}`);
    });
  });
}
