import { formatVersionTag } from '@bonito/protocol';
import type { Context } from 'hono';
import type { AgentEnvironment, AgentPlane } from './agent-plane.ts';

const EMPTY = Buffer.from('{"keys":[]}');
const OPENING = '{"keys":[';

/** `GET /api/agent/keys`: every key section in one answer, for clients that do not read manifests. Hashes only. */
export function createGetKeys(plane: AgentPlane) {
  return async (context: Context<AgentEnvironment>): Promise<Response> => {
    const { organizationId } = context.get('caller').identity;
    await plane.hub.state(organizationId);
    const { epoch, revision, sections } = await plane.sections.keySections(organizationId);
    const tag = formatVersionTag({ epoch, revision });
    context.header('etag', tag);
    context.header('cache-control', 'private, no-cache');
    if (context.req.header('if-none-match') === tag) return context.body(null, 304);
    context.header('content-type', 'application/json');
    return context.body(new Uint8Array(joinKeySections(sections)));
  };
}

/** Joins the lists of serialized key sections without parsing them. */
export function joinKeySections(sections: readonly Uint8Array[]): Buffer {
  const lists = sections
    .map((bytes) => Buffer.from(bytes))
    .filter((bytes) => !bytes.equals(EMPTY))
    .map((bytes) => bytes.subarray(OPENING.length, -2).toString('latin1'));
  return Buffer.from(`${OPENING}${lists.join(',')}]}`, 'latin1');
}
