import { INGEST_LIMITS, ingestRequestSchema } from '@bonito/protocol';
import type { Context } from 'hono';
import { z } from 'zod';
import { ingestBatch } from '../../services/ingest/ingest-batch.ts';
import { AgentError } from './agent-error.ts';
import type { AgentEnvironment, AgentPlane } from './agent-plane.ts';
import { createIngestGate, type HoldBytes } from './ingest-gate.ts';
import { collectBody, inflateBody, parseJson } from './read-body.ts';

/** `POST /api/agent/ingest` */
export function createPostIngest(plane: AgentPlane) {
  const gate = createIngestGate();
  return async (context: Context<AgentEnvironment>): Promise<Response> => {
    const { identity, instance } = context.get('caller');
    const receive = (hold: HoldBytes) => collectBody(context.req.raw, INGEST_LIMITS.bodyBytes, hold);
    const answer = await gate.run(receive, async (body) => {
      const encoding = context.req.raw.headers.get('content-encoding');
      const inflated = await inflateBody(body, encoding, INGEST_LIMITS.bodyBytes);
      const request = ingestRequestSchema.safeParse(parseJson(inflated));
      if (!request.success) {
        const path = z.core.toDotPath(request.error.issues[0]?.path ?? []);
        throw new AgentError('body_malformed', `the batch is malformed at ${path || 'its root'}`);
      }
      if (request.data.first_sequence > Number.MAX_SAFE_INTEGER - INGEST_LIMITS.records) {
        throw new AgentError('body_malformed', 'the batch is malformed at first_sequence');
      }
      const agent = { organizationId: identity.organizationId, instance };
      return ingestBatch(plane.database, agent, request.data, plane.clock.now());
    });
    return context.json(answer);
  };
}
