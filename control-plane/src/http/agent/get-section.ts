import { PROTOCOL_HEADERS, sha256Schema } from '@bonito/protocol';
import type { Context } from 'hono';
import type { SectionCoding } from '../../snapshots/section-store.ts';
import { AgentError } from './agent-error.ts';
import type { AgentEnvironment, AgentPlane } from './agent-plane.ts';

/** Below this many bytes compressing costs more than it saves. */
const WORTH_COMPRESSING = 1_024;

/** `GET /api/agent/config/sections/{digest}`: bytes that never change under this address. */
export function createGetSection(plane: AgentPlane) {
  return async (context: Context<AgentEnvironment>): Promise<Response> => {
    const digest = sha256Schema.safeParse(context.req.param('digest'));
    const { organizationId } = context.get('caller').identity;
    const section = digest.success && (await plane.sections.section(organizationId, digest.data));
    if (!section) {
      throw new AgentError(
        'section_unknown',
        'this organization has no such section (any more): fetch the manifest again',
      );
    }
    context.header('content-type', 'application/json');
    context.header('cache-control', 'private, max-age=31536000, immutable');
    context.header('etag', `"${digest.data}"`);
    context.header('vary', `${PROTOCOL_HEADERS.version}, Accept-Encoding`);
    const coding =
      section.bytes.length < WORTH_COMPRESSING
        ? undefined
        : chooseCoding(context.req.header('accept-encoding'));
    if (!coding) return context.body(new Uint8Array(section.bytes));
    context.header('content-encoding', coding);
    return context.body(new Uint8Array(await section.compressed(coding)));
  };
}

/** Compression that a request takes (RFC 9110, 12.5.3): zstd first, since agents unpack it in a third of gzip's time. */
export function chooseCoding(header: string | undefined): SectionCoding | undefined {
  const accepted = new Set<string>();
  for (const part of (header ?? '').split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='));
    if (quality === undefined || Number(quality.slice(2)) > 0) accepted.add(coding);
  }
  if (accepted.has('zstd')) return 'zstd';
  return accepted.has('gzip') || accepted.has('x-gzip') ? 'gzip' : undefined;
}
