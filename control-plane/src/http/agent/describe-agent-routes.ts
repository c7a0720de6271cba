import {
  heartbeatAnswerSchema,
  heartbeatRequestSchema,
  INGEST_LIMITS,
  idSchema,
  ingestAnswerSchema,
  ingestRequestSchema,
  keysSectionSchema,
  leaseAnswerSchema,
  leaseRequestSchema,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_HEADERS,
  PROTOCOL_VERSION,
  problemSchema,
  recordSchema,
  SECTION_SCHEMAS,
  sha256Schema,
} from '@bonito/protocol';
import type { RouteConfig } from '@hono/zod-openapi';
import { z } from 'zod';

/** The scheme that every endpoint of the protocol is guarded with. */
export const AGENT_SECURITY = 'agentToken';

/** An endpoint of the protocol, as far as the document differs from one to the next. */
interface AgentRoute {
  method: 'get' | 'post';
  /** Below `/api/agent`. */
  path: string;
  summary: string;
  description: string;
  params?: z.ZodObject;
  /** Headers besides those of every request. */
  headers?: z.ZodObject;
  body?: z.ZodType;
  responses: RouteConfig['responses'];
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});

const json = (description: string, schema: z.ZodType, headers?: z.ZodObject) => ({
  description,
  content: { 'application/json': { schema } },
  ...(headers && { headers }),
});

const requestHeaders = z.object({
  [PROTOCOL_HEADERS.version]: z.string().meta({
    description: `The newest protocol version that the agent speaks, from ${OLDEST_PROTOCOL_VERSION} on; this control plane speaks ${PROTOCOL_VERSION}`,
  }),
  [PROTOCOL_HEADERS.instance]: idSchema.meta({ description: 'The id of this process' }),
});

const keysSection = keysSectionSchema.meta({ id: 'KeysSection' });

const ifNoneMatch = z.object({
  'If-None-Match': z.string().optional().meta({ description: 'The ETag of the version that is applied' }),
});

const etag = z.object({ ETag: z.string().meta({ description: 'The version: `"{epoch}.{revision}"`' }) });

const notModified = { description: 'Nothing changed since the version in `If-None-Match`', headers: etag };

const bodyRefusals = (most: string) => ({ 413: problem(`The body has more than ${most}`) });

/** The endpoints of the protocol in the OpenAPI document. The protocol's own schemas are their description. */
export const agentOperations: readonly AgentRoute[] = [
  {
    method: 'get',
    path: '/api/agent/config',
    summary: 'Fetch the manifest',
    description:
      'The signed list of the sections that make up the organization’s configuration. With `If-None-Match` and `Prefer: wait=N` the answer comes as soon as something changes, or after N seconds (55 at most) as a 304.',
    headers: ifNoneMatch.extend({
      Prefer: z
        .string()
        .optional()
        .meta({ description: '`wait=N`: seconds to wait for a change (RFC 7240)' }),
    }),
    responses: {
      200: {
        description: 'A compact JWS whose payload is a `Manifest`',
        content: { 'application/jose': { schema: z.string() } },
        headers: etag.extend({
          'Preference-Applied': z.string().optional().meta({ description: 'The wait that was granted' }),
          [PROTOCOL_HEADERS.beat]: z
            .literal('now')
            .optional()
            .meta({ description: 'A command is waiting: send a heartbeat at once' }),
        }),
      },
      304: notModified,
    },
  },
  {
    method: 'get',
    path: '/api/agent/config/sections/{digest}',
    summary: 'Fetch a section',
    description:
      'Bytes that never change under this address. Check their SHA-256 against the manifest before parsing. Sections that no manifest lists any more are kept for a day.',
    params: z.object({ digest: sha256Schema }),
    responses: {
      200: json('The section', z.union(Object.values({ ...SECTION_SCHEMAS, keys: keysSection }))),
      404: problem('This organization has no such section (any more): fetch the manifest again'),
    },
  },
  {
    method: 'get',
    path: '/api/agent/keys',
    summary: 'Fetch all keys',
    description: 'Every key section in one answer, for clients that read no manifests. Hashes only.',
    headers: ifNoneMatch,
    responses: { 200: json('The keys', keysSection, etag), 304: notModified },
  },
  {
    method: 'post',
    path: '/api/agent/ingest',
    summary: 'Deliver records',
    description: `A batch of one stream’s records, gzipped where \`Content-Encoding\` says so: at most ${INGEST_LIMITS.records} records and ${INGEST_LIMITS.bodyBytes} bytes after decompression. However often a batch is delivered, each record takes effect once. A record that is invalid is put aside and never blocks the rest.`,
    headers: z.object({ 'Content-Encoding': z.enum(['gzip', 'identity']).optional() }),
    body: ingestRequestSchema
      .extend({ records: z.array(recordSchema).max(INGEST_LIMITS.records) })
      .meta({ id: 'IngestRequest' }),
    responses: {
      200: json(
        'Everything below the mark is settled for good',
        ingestAnswerSchema.meta({ id: 'IngestAnswer' }),
      ),
      ...bodyRefusals('16 MB, as it travels or after decompression'),
      503: {
        ...problem('Too much arrives at once: send the batch again later'),
        headers: z.object({ 'Retry-After': z.string().meta({ description: 'Seconds' }) }),
      },
    },
  },
  {
    method: 'post',
    path: '/api/agent/heartbeat',
    summary: 'Send a heartbeat',
    description:
      'Every 60 seconds and whenever something changes. The answer carries notices, the token’s successor while it is being rotated, and commands.',
    body: heartbeatRequestSchema.meta({ id: 'HeartbeatRequest' }),
    responses: {
      200: json('Received', heartbeatAnswerSchema.meta({ id: 'HeartbeatAnswer' })),
      ...bodyRefusals('1 MB'),
    },
  },
  {
    method: 'post',
    path: '/api/agent/leases',
    summary: 'Borrow from budgets',
    description:
      'Described in this version of the protocol and not served yet: this control plane keeps no budgets, so that the answer is always 404.',
    body: leaseRequestSchema.meta({ id: 'LeaseRequest' }),
    responses: {
      200: json('One result for each action, in order', leaseAnswerSchema.meta({ id: 'LeaseAnswer' })),
      404: problem('Leases are not served'),
    },
  },
];

/** What every answer of the protocol carries. */
const answerHeaders = z.object({
  [PROTOCOL_HEADERS.version]: z.string().meta({ description: 'The version of the answer' }),
  [PROTOCOL_HEADERS.time]: z.iso.datetime().meta({ description: 'The control plane’s clock' }),
});

/** An endpoint's entry in the OpenAPI document. */
export function describeAgentRoute(route: AgentRoute): RouteConfig {
  const { method, path, summary, description, params, body, responses } = route;
  const all: RouteConfig['responses'] = {
    ...responses,
    400: problem('A header or the body is missing or malformed, or the protocol is too old'),
    401: problem('The token is absent, unknown or revoked'),
  };
  return {
    ...{ method, path, summary, description },
    tags: ['Agent protocol'],
    operationId: `agent_${path.split('/')[3]}${params ? '_section' : ''}`,
    security: [{ [AGENT_SECURITY]: [] }],
    request: {
      headers: route.headers ? requestHeaders.extend(route.headers.shape) : requestHeaders,
      ...(params && { params }),
      ...(body && { body: { required: true, content: { 'application/json': { schema: body } } } }),
    },
    responses: Object.fromEntries(
      Object.entries(all).map(([status, response]) => [status, withProtocolHeaders(response)]),
    ),
  };
}

function withProtocolHeaders(response: RouteConfig['responses'][string]): RouteConfig['responses'][string] {
  const own = 'headers' in response && response.headers instanceof z.ZodObject ? response.headers.shape : {};
  return { ...response, headers: answerHeaders.extend(own) };
}
