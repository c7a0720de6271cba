import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { newId, PROTOCOL_HEADERS } from '@bonito/protocol';
import { createAdaptorServer } from '@hono/node-server';
import type { OpenDatabase } from '../db/open-database.ts';
import { agentRoutes } from '../http/agent/agent-routes.ts';
import { createAgentPlane, type RunningAgentPlane } from '../http/agent/create-agent-plane.ts';
import { createAgentToken } from '../services/agent-tokens/create.ts';
import type { ServiceContext } from '../services/service-context.ts';
import { deriveAgentToken } from '../signing/derive-token-secret.ts';
import { generateServerKeys, importServerKeys, type ServerKeys } from '../signing/server-keys.ts';
import { createTestOrganization } from './organization.ts';

/** An agent as a test plays it: one token, one process. */
export interface TestAgent {
  organizationId: string;
  tokenId: string;
  token: string;
  instance: string;
}

/** One process of the control plane, without a socket. */
export interface TestReplica {
  running: RunningAgentPlane;
  keys: ServerKeys;
  /** What services are called with, as the system, for an organization. */
  context(organizationId: string): ServiceContext;
  /** Makes an organization with an agent. */
  newAgent(): Promise<TestAgent>;
  get(
    agent: TestAgent,
    path: string,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<Response>;
  post(agent: TestAgent, path: string, body: unknown): Promise<Response>;
  /** Posts JSON that was gzipped before. */
  postRaw(agent: TestAgent, path: string, body: Uint8Array<ArrayBuffer>): Promise<Response>;
  /** Serves on a real socket of loopback, without the `/api/agent` before the paths. */
  listen(): Promise<{ port: number; close(): void }>;
  /** What an agent sends with every request. */
  headersOf(agent: TestAgent): Record<string, string>;
  stop(): Promise<void>;
}

/** @param options.now the time; real where absent */
export async function startTestReplica(
  open: OpenDatabase,
  options: { keys?: ServerKeys; redisUrl?: string; reread?: boolean; now?: () => number } = {},
): Promise<TestReplica> {
  const clock = { now: options.now ?? Date.now };
  const keys = options.keys ?? (await importServerKeys(await generateServerKeys(Date.now())));
  const { database, listener } = open;
  const running = await createAgentPlane({
    database,
    listener,
    keys,
    clock,
    redisUrl: options.redisUrl,
    ...(options.reread !== undefined && { reread: options.reread }),
  });
  const app = agentRoutes(running.plane);

  const headersOf = (agent: TestAgent) => ({
    authorization: `Bearer ${agent.token}`,
    [PROTOCOL_HEADERS.version]: '1',
    [PROTOCOL_HEADERS.instance]: agent.instance,
  });
  const context = (organizationId: string): ServiceContext => ({
    db: database,
    publisher: running.publisher,
    clock,
    issueAgentToken: (organization, tokenId, generation) =>
      deriveAgentToken(keys, organization, tokenId, generation),
    actor: { type: 'system', id: 'test' },
    organizationId,
  });
  const postRaw: TestReplica['postRaw'] = async (agent, path, body) =>
    app.request(path, {
      method: 'POST',
      headers: { ...headersOf(agent), 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
    });
  return {
    running,
    keys,
    context,
    async newAgent() {
      const organizationId = await createTestOrganization(database);
      const { id, token } = await createAgentToken(context(organizationId), { name: 'fleet' });
      return { organizationId, tokenId: id, token, instance: newId() };
    },
    async get(agent, path, headers = {}, signal) {
      return app.request(path, { headers: { ...headersOf(agent), ...headers }, ...(signal && { signal }) });
    },
    post: (agent, path, body) => postRaw(agent, path, new Uint8Array(gzipSync(JSON.stringify(body)))),
    postRaw,
    async listen() {
      const server = createAdaptorServer({ fetch: (request) => app.fetch(request) }) as Server;
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return {
        port: (server.address() as AddressInfo).port,
        close() {
          server.close();
          server.closeAllConnections();
        },
      };
    },
    headersOf,
    stop: () => running.stop(),
  };
}
