import {
  type AgentRecord,
  configVersionSchema,
  formatTimestamp,
  idSchema,
  SURFACES,
  type UsageRecord,
} from '@bonito/protocol';
import { z } from 'zod';
import type { OpenAttempt } from '../gateway/ports.ts';
import { IdMembers } from './id-members.ts';
import { revisionJson } from './usage-json.ts';

const storedOpenSchema = z.object({
  at: z.number(),
  key: idSchema.nullable(),
  team: idSchema.nullable(),
  route: idSchema.nullable(),
  asked: idSchema.nullable(),
  provider: idSchema,
  deployment: idSchema,
  price: z.string().max(64),
  surface: z.enum(SURFACES),
  stream: z.boolean(),
  epoch: configVersionSchema.shape.epoch,
  revision: configVersionSchema.shape.revision,
});
/** An attempt as an `open` line remembers it. */
export type StoredOpen = z.infer<typeof storedOpenSchema>;

const OPEN_IDS = new IdMembers(['key', 'team', 'route', 'asked', 'provider', 'deployment'], 'deployment');

/** The payload of an `open` line. By hand, since it is written for each attempt: ids are safe text, the rest is numbers. */
export function openPayload(open: OpenAttempt, ordinal: number): string {
  const { keyId, teamId, routeId, requestedId, providerId, deploymentId } = open;
  const ids = OPEN_IDS.text([keyId, teamId, routeId, requestedId, providerId, deploymentId]);
  return `o ${open.requestId} ${ordinal} {"at":${open.arrivedAt},${ids},"price":${revisionJson(open.priceRevision)},"surface":"${open.surface}","stream":${open.stream},"epoch":${open.epoch},"revision":${open.revision}}`;
}

/** Reads what `openPayload` wrote; undefined for anything else. */
export function parseOpen(json: Buffer): StoredOpen | undefined {
  try {
    return storedOpenSchema.parse(JSON.parse(json.toString('utf8')));
  } catch {
    return undefined;
  }
}

/**
 * The record of a request whose process died before it saw the end. What the attempts cost cannot be known here, so it is
 * zero and each says `unknown`; the latency is zero for the same reason.
 */
export function unknownRecord(
  recordId: string,
  requestId: string,
  opens: [StoredOpen, ...StoredOpen[]],
  source: UsageRecord['source'],
): UsageRecord {
  const [first] = opens;
  return {
    kind: 'usage',
    id: recordId,
    request_id: requestId,
    occurred_at: formatTimestamp(first.at),
    key_id: first.key,
    team_id: first.team,
    route_id: first.route,
    requested_id: first.asked,
    deployment_id: null,
    surface: first.surface,
    stream: first.stream,
    status: null,
    outcome: 'unknown',
    error_code: null,
    attempts: opens.slice(0, 200).map((open) => ({
      provider_id: open.provider,
      deployment_id: open.deployment,
      status: null,
      outcome: 'unknown',
      error_code: null,
      tokens: {},
      quality: 'unknown',
      cost_nanos: 0,
      price_revision: open.price,
      latency_ms: 0,
    })),
    tokens: {},
    cost_nanos: 0,
    latency_ms: 0,
    time_to_first_token_ms: null,
    cache: 'none',
    config: { epoch: first.epoch, revision: first.revision },
    source,
  };
}

/** The request that a record is about; undefined when it is about none. */
export function requestOf(record: AgentRecord): string | undefined {
  return record.kind === 'usage' ? record.request_id : undefined;
}
