import { type ConfigVersion, formatVersionTag, PROTOCOL_HEADERS, parseVersionTag } from '@bonito/protocol';
import type { Context } from 'hono';
import { createBoundedCache } from '../../snapshots/bounded-cache.ts';
import type { RevisionState } from '../../snapshots/revision-state.ts';
import type { AgentEnvironment, AgentPlane } from './agent-plane.ts';
import { identifyAgent } from './identify-caller.ts';

/** The longest wait that is granted, in seconds: below the minute after which proxies close a silent connection. */
export const LONGEST_WAIT_SECONDS = 55;

/** How often the same process is asked for a heartbeat, in milliseconds; it needs a moment to send one. */
const BEAT_INTERVAL = 2_000;
const REMEMBERED_BEATS = 50_000;

/** `GET /api/agent/config`: the signed manifest, or 304 once the wait is over and nothing changed. */
export function createGetConfig(plane: AgentPlane) {
  const beats = createBoundedCache<number>(REMEMBERED_BEATS);

  /** Milliseconds until the process is to be asked for a heartbeat; Infinity where there is nothing to tell it. */
  function beatIn(state: RevisionState, instance: string): number {
    if (!state.commanded.has(instance)) return Number.POSITIVE_INFINITY;
    const last = beats.get(instance);
    return last === undefined ? 0 : Math.max(0, last + BEAT_INTERVAL - performance.now());
  }

  return async (context: Context<AgentEnvironment>): Promise<Response> => {
    const { identity, instance, protocol } = context.get('caller');
    const { organizationId } = identity;
    const known = parseVersionTag(context.req.header('if-none-match') ?? '');
    const seconds = known ? readWait(context.req.header('prefer')) : 0;
    const end = performance.now() + seconds * 1_000;
    for (;;) {
      // In this order, so that a change between the reading and the sleep still wakes.
      const waiter = plane.hub.enter(organizationId);
      try {
        // Inside, because the token may be revoked between the look at it and the sleep, or while the agent waits.
        await identifyAgent(plane, (name) => context.req.header(name));
        const state = await plane.hub.state(organizationId);
        const beatAfter = beatIn(state, instance);
        const beat = beatAfter === 0;
        if (beat) {
          beats.set(instance, performance.now());
          context.header(PROTOCOL_HEADERS.beat, 'now');
        }
        if (seconds > 0) context.header('preference-applied', `wait=${seconds}`);
        if (!known || !sameVersion(known, state)) {
          const manifest = await plane.manifests.manifest(organizationId, protocol, state);
          context.header('etag', formatVersionTag(manifest));
          context.header('cache-control', 'private, no-cache');
          return context.body(manifest.jws, 200, { 'content-type': 'application/jose' });
        }
        const left = end - performance.now();
        if (beat || left <= 0 || plane.hub.stopped || context.req.raw.signal.aborted) {
          context.header('etag', formatVersionTag(state));
          return context.body(null, 304);
        }
        // A command that came right after another one wakes nobody again.
        await waiter.sleep(Math.min(left, beatAfter), context.req.raw.signal);
      } finally {
        waiter.leave();
      }
      if (plane.hub.stopped) {
        // Whatever changed meanwhile the agent hears from the process that it asks next.
        context.header('etag', formatVersionTag(known));
        return context.body(null, 304);
      }
    }
  };
}

function sameVersion(a: ConfigVersion, b: ConfigVersion): boolean {
  return a.epoch === b.epoch && a.revision === b.revision;
}

/** `Prefer: wait=N` (RFC 7240), in seconds; 0 without one. */
export function readWait(prefer: string | undefined): number {
  const wait = /(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,6})"?\s*(?:$|[,;])/i.exec(prefer ?? '')?.[1];
  return Math.min(Number(wait ?? 0), LONGEST_WAIT_SECONDS);
}
