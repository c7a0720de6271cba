import { heartbeatRequestSchema } from '@bonito/protocol';
import type { Context } from 'hono';
import { z } from 'zod';
import { heartbeat } from '../../services/fleet/heartbeat.ts';
import { AgentError } from './agent-error.ts';
import type { AgentEnvironment, AgentPlane } from './agent-plane.ts';
import { readBody } from './read-body.ts';

const BODY_LIMIT = 1024 * 1024;

/** `POST /api/agent/heartbeat` */
export function createPostHeartbeat(plane: AgentPlane) {
  return async (context: Context<AgentEnvironment>): Promise<Response> => {
    const { identity, instance } = context.get('caller');
    const parsed = heartbeatRequestSchema.safeParse(
      await readBody(context.req.raw, { compressed: BODY_LIMIT, inflated: BODY_LIMIT }),
    );
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new AgentError(
        'body_malformed',
        `the heartbeat is malformed at ${z.core.toDotPath(issue?.path ?? []) || 'its root'}`,
      );
    }
    const answer = await heartbeat(
      { database: plane.database, keys: plane.keys, now: plane.clock.now() },
      identity,
      instance,
      parsed.data,
    );
    // It carries a token while one is being rotated.
    context.header('cache-control', 'no-store');
    return context.json(answer);
  };
}
