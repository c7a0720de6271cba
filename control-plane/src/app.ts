import { OpenAPIHono } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { adminRoutes } from './http/admin/routes.ts';
import type { AgentEnvironment } from './http/agent/agent-plane.ts';
import { agentOperations } from './http/agent/describe-agent-routes.ts';
import type { AppEnvironment } from './http/app-environment.ts';
import type { RouteDefinition } from './http/define-route.ts';
import { createNotFound } from './http/not-found.ts';
import { serveDocument } from './http/openapi/serve-document.ts';
import { HttpError, problemResponse } from './http/problem.ts';
import { registerRoutes } from './http/register-routes.ts';
import type { ServiceDependencies } from './services/service-context.ts';
import { ServiceError } from './services/service-error.ts';

/** What the app is made of. */
export interface AppDependencies extends ServiceDependencies {
  version: string;
  /** Whether the process can do its work: its database answers, and it is not stopping. */
  isReady(): Promise<boolean>;
  /** Called with what nobody expected; the client is told a request id only. */
  onUnexpectedError(error: unknown, requestId: string): void;
  /** The endpoints that agents talk to, an app of their own. */
  agentApp?: Hono<AgentEnvironment>;
}

const POLICY_HEADER = 'content-security-policy';
const STRICTEST_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The control plane's HTTP side: admin API, its document, health, and the agents' endpoints. */
export function createApp(
  dependencies: AppDependencies,
  routes: readonly RouteDefinition[] = adminRoutes,
): OpenAPIHono<AppEnvironment> {
  const app = new OpenAPIHono<AppEnvironment>();
  const notFound = createNotFound([...routes, ...agentOperations]);
  app.use(requestId({ limitLength: 100 }));
  app.use(secureHeaders({ strictTransportSecurity: false, xFrameOptions: 'DENY' }));
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.has(POLICY_HEADER)) context.header(POLICY_HEADER, STRICTEST_POLICY);
  });
  app.onError((error, context) => {
    const id = context.get('requestId');
    const answer = problemResponse(error, id);
    if (!(error instanceof ServiceError || error instanceof HttpError)) {
      dependencies.onUnexpectedError(error, id);
    }
    return answer;
  });
  app.notFound((context) =>
    problemResponse(notFound(context.req.path, context.req.method), context.get('requestId')),
  );

  app.get('/health/live', (context) => context.json({ status: 'live' }));
  app.get('/health/ready', async (context) => {
    const ready = await dependencies.isReady();
    return context.json({ status: ready ? 'ready' : 'not ready' }, ready ? 200 : 503);
  });
  registerRoutes(app, routes, dependencies);
  serveDocument(app, dependencies.version);
  if (dependencies.agentApp) app.route('/api/agent', dependencies.agentApp);
  return app;
}
