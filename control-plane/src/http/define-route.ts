import { z } from 'zod';
import type { ServiceContext } from '../services/service-context.ts';
import { notFound, ServiceError } from '../services/service-error.ts';

type Method = 'get' | 'post' | 'patch' | 'delete';

/** What stands in the address and the body, as it arrived. */
export interface RawInput {
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
}

interface RouteSpec<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  method: Method;
  /** `/api/providers/{id}`. A path that begins with `/api/orgs/{id}` acts for that organization. */
  path: string;
  tag: string;
  summary: string;
  description?: string;
  /** `platform`: only for tokens of the people who run the control plane. */
  access?: 'organization' | 'platform';
  /** The request is about no single organization. */
  withoutOrganization?: boolean;
  params?: Params;
  query?: Query;
  body?: Body;
  status?: 200 | 201 | 204;
  answer?: Answer;
  run(
    context: ServiceContext,
    input: { params: z.output<Params>; query: z.output<Query>; body: z.output<Body> },
  ): Promise<z.input<Answer>>;
}

/** A route of the admin API: its OpenAPI entry, and what it does. */
export interface RouteDefinition {
  readonly method: Method;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly access: 'organization' | 'platform';
  readonly withoutOrganization: boolean;
  readonly params: z.ZodType | undefined;
  readonly query: z.ZodType | undefined;
  readonly body: z.ZodType | undefined;
  readonly status: 200 | 201 | 204;
  readonly answer: z.ZodType | undefined;
  /** Parses the input, calls the service, and lets out only what the answer's schema names. */
  handle(context: ServiceContext, raw: RawInput): Promise<unknown>;
}

const nothing = z.strictObject({});

/** Defines a route. Input is parsed strictly: what the schema does not name is refused. */
export function defineRoute<
  Params extends z.ZodType = typeof nothing,
  Query extends z.ZodType = typeof nothing,
  Body extends z.ZodType = z.ZodUndefined,
  Answer extends z.ZodType = z.ZodVoid,
>(spec: RouteSpec<Params, Query, Body, Answer>): RouteDefinition {
  const { params, query, body, answer } = spec;
  return {
    method: spec.method,
    path: spec.path,
    tag: spec.tag,
    summary: spec.summary,
    description: spec.description,
    access: spec.access ?? 'organization',
    withoutOrganization: spec.withoutOrganization ?? false,
    params,
    query,
    body,
    status: spec.status ?? 200,
    answer,
    async handle(context, raw) {
      const input = {
        params: parseParams(params ?? nothing, raw.params) as z.output<Params>,
        query: parse(query ?? nothing, raw.query, 'query') as z.output<Query>,
        body: parse(body ?? z.undefined(), raw.body, 'body') as z.output<Body>,
      };
      const result = await spec.run(context, input);
      return answer?.parse(result);
    },
  };
}

/** An id that is not well formed is the id of nothing. */
function parseParams(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw notFound('object');
}

function parse(schema: z.ZodType, value: unknown, place: 'query' | 'body'): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 20).map((issue) => ({
    path: z.core.toDotPath(issue.path),
    message: issue.message,
  }));
  const first = issues[0];
  const where = first?.path ? ` at "${first.path}"` : '';
  throw new ServiceError(
    'invalid_request',
    `the ${place} is not valid${where}: ${first?.message ?? ''}`,
    issues,
  );
}
