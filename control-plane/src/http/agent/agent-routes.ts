import { formatTimestamp, PROTOCOL_HEADERS, PROTOCOL_VERSION } from '@bonito/protocol';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { AgentError, agentErrorResponse } from './agent-error.ts';
import type { AgentEnvironment, AgentPlane } from './agent-plane.ts';
import { createGetConfig } from './get-config.ts';
import { createGetKeys } from './get-keys.ts';
import { createGetSection } from './get-section.ts';
import { identifyCaller } from './identify-caller.ts';
import { createPostHeartbeat } from './post-heartbeat.ts';
import { createPostIngest } from './post-ingest.ts';

/** The endpoints of the protocol, to be served under `/api/agent`. Nothing else is ever sent to an agent. */
export function agentRoutes(plane: AgentPlane): Hono<AgentEnvironment> {
  const app = new Hono<AgentEnvironment>();
  plane.hub.onAnnounce((organizationId) => plane.authenticator.forget(organizationId));
  app.use(requestId());
  app.use(async (context, next) => {
    context.header('vary', PROTOCOL_HEADERS.version);
    context.set('caller', await identifyCaller(plane, (name) => context.req.header(name)));
    await next();
  });
  app.use(async (context, next) => {
    await next();
    setProtocolHeaders(context.res.headers, plane, context.get('caller').protocol);
  });
  app.onError((error, context) => {
    if (!(error instanceof AgentError)) plane.onUnexpectedError(error);
    const response = agentErrorResponse(error, context.get('requestId'));
    setProtocolHeaders(response.headers, plane, context.get('caller')?.protocol ?? PROTOCOL_VERSION);
    return response;
  });
  app.get('/config', createGetConfig(plane));
  app.get('/config/sections/:digest', createGetSection(plane));
  app.get('/keys', createGetKeys(plane));
  app.post('/ingest', createPostIngest(plane));
  app.post('/heartbeat', createPostHeartbeat(plane));
  app.post('/leases', () => {
    throw new AgentError('leases_not_served', 'this control plane keeps no budgets and lends none');
  });
  return app;
}

function setProtocolHeaders(headers: Headers, plane: AgentPlane, protocol: number): void {
  headers.set(PROTOCOL_HEADERS.version, String(protocol));
  headers.set(PROTOCOL_HEADERS.time, formatTimestamp(plane.clock.now()));
  if (!headers.has('vary')) headers.set('vary', PROTOCOL_HEADERS.version);
}
