import { manifestSchema } from '@bonito/protocol';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { z } from 'zod';
import { AGENT_SECURITY, agentOperations, describeAgentRoute } from '../agent/describe-agent-routes.ts';
import type { AppEnvironment } from '../app-environment.ts';
import { ADMIN_SECURITY } from './describe-route.ts';
import type { ApiDocument } from './document-shape.ts';
import { PAGE_POLICY, renderPage } from './render-page.ts';

/** Serves the OpenAPI document, and a page for reading it that needs neither the internet nor a script. */
export function serveDocument(app: OpenAPIHono<AppEnvironment>, version: string): void {
  app.openAPIRegistry.registerComponent('securitySchemes', ADMIN_SECURITY, {
    type: 'http',
    scheme: 'bearer',
    description: 'An administrator token, `ba-…`.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', AGENT_SECURITY, {
    type: 'http',
    scheme: 'bearer',
    description: 'An agent’s token, `bt-…`.',
  });
  const { $schema: _, ...manifest } = z.toJSONSchema(manifestSchema);
  app.openAPIRegistry.registerComponent('schemas', 'Manifest', manifest as object);
  for (const route of agentOperations) app.openAPIRegistry.registerPath(describeAgentRoute(route));
  let made: { json: string; page: string } | undefined;
  const make = () => {
    const json = JSON.stringify(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Bonito control plane',
          version,
          description:
            'Configuration goes down to the agents, numbers come up. Errors are problem details (RFC 9457). A platform token names the organization that it acts for in the header `Bonito-Organization`.',
        },
        servers: [{ url: '/' }],
      }),
    );
    return { json, page: renderPage(JSON.parse(json) as ApiDocument) };
  };
  app.get('/api/openapi.json', (context) => {
    made ??= make();
    return context.body(made.json, 200, { 'content-type': 'application/json' });
  });
  app.get('/api/docs', (context) => {
    made ??= make();
    return context.html(made.page, 200, { 'content-security-policy': PAGE_POLICY });
  });
}
