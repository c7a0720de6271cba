import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { actForOrganization, ORGANIZATION_HEADER } from '../authorization/act-for-organization.ts';
import { identify } from '../authorization/identify.ts';
import type { ServiceDependencies } from '../services/service-context.ts';
import { ServiceError } from '../services/service-error.ts';
import type { AppEnvironment } from './app-environment.ts';
import type { RouteDefinition } from './define-route.ts';
import { describeRoute } from './openapi/describe-route.ts';
import { HttpError } from './problem.ts';
import { BODY_LIMIT, readJsonBody } from './read-json-body.ts';
import { holdsStorableText } from './storable-text.ts';

/** Serves routes under an app and enters them into its OpenAPI document. */
export function registerRoutes(
  app: OpenAPIHono<AppEnvironment>,
  routes: readonly RouteDefinition[],
  dependencies: ServiceDependencies,
): void {
  const limit = bodyLimit({
    maxSize: BODY_LIMIT,
    onError: () => {
      throw new HttpError('body_too_large', `a body may have at most ${BODY_LIMIT} bytes`);
    },
  });
  for (const route of routes) {
    app.openAPIRegistry.registerPath(describeRoute(route));
    app.on(route.method.toUpperCase(), toHonoPath(route.path), limit, (context) =>
      answer(context, route, dependencies),
    );
  }
}

/** Hono writes `:id` where OpenAPI writes `{id}`. */
export function toHonoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

async function answer(
  context: Context<AppEnvironment>,
  route: RouteDefinition,
  dependencies: ServiceDependencies,
): Promise<Response> {
  const identity = await identify(dependencies.db, context.req.header('authorization'));
  if (route.access === 'platform' && identity.type !== 'platform_token') {
    throw new ServiceError(
      'forbidden',
      'only a token of the platform may do this, not one of an organization',
    );
  }
  const params = context.req.param() as Record<string, string>;
  const named = route.path.startsWith('/api/orgs/{id}') ? params.id : context.req.header(ORGANIZATION_HEADER);
  const organizationId = route.withoutOrganization
    ? (identity.organizationId ?? '')
    : await actForOrganization(dependencies.db, identity, named);
  const result = await route.handle(
    {
      ...dependencies,
      actor: { type: identity.type, id: identity.id },
      organizationId,
      requestId: context.get('requestId'),
    },
    { params, query: readQuery(context), body: await readJsonBody(context) },
  );
  if (route.status === 204) return context.body(null, 204);
  context.header('cache-control', 'no-store');
  return context.json(result, route.status);
}

function readQuery(context: Context): Record<string, string> {
  const entries = Object.entries(context.req.queries());
  const twice = entries.find(([, values]) => values.length > 1);
  if (twice) throw new ServiceError('invalid_request', `the query names "${twice[0]}" twice`);
  const query = Object.fromEntries(entries.map(([name, values]) => [name, values[0] ?? '']));
  if (!holdsStorableText(query)) throw new ServiceError('invalid_request', 'the query holds a NUL character');
  return query;
}
