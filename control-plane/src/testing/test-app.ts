import { CREDENTIAL_PREFIXES, formatAgentToken, newId, newSecret, sha256 } from '@bonito/protocol';
import type { Hono } from 'hono';
import { createApp } from '../app.ts';
import { storePlatformToken } from '../db/system.queries.ts';
import type { Database, DatabaseTransaction } from '../db/transactions.ts';
import type { AgentEnvironment } from '../http/agent/agent-plane.ts';
import type { RouteDefinition } from '../http/define-route.ts';
import type { Publisher } from '../services/service-context.ts';
import type { DirtySection } from '../snapshots/publish-change.ts';

/** An answer, read whole. */
export interface TestAnswer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shape is what they test
  body: any;
}

export interface CallOptions {
  token?: string | undefined;
  body?: unknown;
  /** Sent instead of `body`, as it is. */
  rawBody?: string;
  headers?: Record<string, string>;
}

/** The app on a test's database, called without a network. */
export interface TestApp {
  call(method: string, path: string, options?: CallOptions): Promise<TestAnswer>;
  /** What was published since the last look. */
  takePublished(): { organizationId: string; dirty: readonly DirtySection[] }[];
  announced: string[];
  unexpected: unknown[];
  /** A token of the platform, without an organization of its own. */
  createPlatformToken(): Promise<string>;
  /** A new organization with a token of its own. */
  createTenant(): Promise<Tenant>;
}

export interface Tenant {
  id: string;
  token: string;
  call(method: string, path: string, body?: unknown): Promise<TestAnswer>;
}

const FINGERPRINT = Buffer.alloc(32, 7).toString('base64url');

/** Makes the app. Its clock stands still until a test moves it. */
export function createTestApp(
  db: Database,
  options: {
    publisher?: Publisher;
    now?: () => number;
    routes?: readonly RouteDefinition[];
    ready?: boolean;
    agentApp?: Hono<AgentEnvironment>;
  } = {},
): TestApp {
  let published: { organizationId: string; dirty: readonly DirtySection[] }[] = [];
  const announced: string[] = [];
  const unexpected: unknown[] = [];
  const publisher: Publisher = options.publisher ?? {
    async changed(_: DatabaseTransaction, organizationId: string, dirty: readonly DirtySection[]) {
      published.push({ organizationId, dirty });
    },
    announce: (organizationId) => announced.push(organizationId),
  };
  const app = createApp(
    {
      db,
      publisher,
      clock: { now: options.now ?? Date.now },
      issueAgentToken: (organization, id, generation) =>
        formatAgentToken(
          { organization, rootFingerprint: FINGERPRINT },
          Buffer.from(sha256(`${id}/${generation}`), 'hex'),
        ),
      version: '0.0.0-test',
      isReady: async () => options.ready ?? true,
      onUnexpectedError: (error) => unexpected.push(error),
      ...(options.agentApp && { agentApp: options.agentApp }),
    },
    options.routes,
  );

  const testApp: TestApp = {
    async call(method, path, { token, body, rawBody, headers = {} } = {}) {
      const content = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await app.request(path, {
        method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(content !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(content !== undefined && { body: content }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    takePublished() {
      const taken = published;
      published = [];
      return taken;
    },
    announced,
    unexpected,
    async createPlatformToken() {
      const token = newSecret(CREDENTIAL_PREFIXES.administratorToken);
      await storePlatformToken(db, {
        ...{ id: newId(), name: 'test', sha256: sha256(token), hint: 'ba-***' },
        createdAt: new Date(),
      });
      return token;
    },
    async createTenant() {
      const platform = await testApp.createPlatformToken();
      const organization = await testApp.call('POST', '/api/orgs', {
        token: platform,
        body: { name: 'Test' },
      });
      const id: string = organization.body.id;
      const made = await testApp.call('POST', `/api/orgs/${id}/admin-tokens`, {
        token: platform,
        body: { name: 'a' },
      });
      const token: string = made.body.token;
      return { id, token, call: (method, path, body) => testApp.call(method, path, { token, body }) };
    },
  };
  return testApp;
}
