import type { Attempt, TokenCounts, UsageRecord } from '@bonito/protocol';
import { IdMembers } from './id-members.ts';

const RECORD_IDS = new IdMembers(
  ['key_id', 'team_id', 'route_id', 'requested_id', 'deployment_id', 'surface'],
  'deployment_id',
);

/**
 * A usage record as JSON, by hand, since one is written for each request. Ids, enumerations and times are text that needs no
 * escapes (their schemas see to that), and the rest is numbers; a property test holds it to `JSON.stringify`.
 */
export function usageJson(record: UsageRecord): string {
  const { attempts } = record;
  const [only] = attempts;
  let list = '';
  if (only && attempts.length === 1) list = attemptJson(only);
  else
    for (const attempt of attempts) list += list === '' ? attemptJson(attempt) : `,${attemptJson(attempt)}`;
  const ids = RECORD_IDS.text([
    record.key_id,
    record.team_id,
    record.route_id,
    record.requested_id,
    record.deployment_id,
    record.surface,
  ]);
  return `{"kind":"usage","id":"${record.id}","request_id":"${record.request_id}","occurred_at":"${record.occurred_at}",${ids},"stream":${record.stream},"status":${number(record.status)},"outcome":"${record.outcome}","error_code":${quoted(record.error_code)},"attempts":[${list}],"tokens":${tokensJson(record.tokens)},"cost_nanos":${number(record.cost_nanos)},"latency_ms":${number(record.latency_ms)},"time_to_first_token_ms":${number(record.time_to_first_token_ms)},"cache":"${record.cache}","config":{"epoch":${number(record.config.epoch)},"revision":${number(record.config.revision)}},"source":"${record.source}"}`;
}

function attemptJson(attempt: Attempt): string {
  return `{"provider_id":"${attempt.provider_id}","deployment_id":"${attempt.deployment_id}","status":${number(attempt.status)},"outcome":"${attempt.outcome}","error_code":${quoted(attempt.error_code)},"tokens":${tokensJson(attempt.tokens)},"quality":"${attempt.quality}","cost_nanos":${number(attempt.cost_nanos)},"price_revision":${revisionJson(attempt.price_revision)},"latency_ms":${number(attempt.latency_ms)}}`;
}

function tokensJson(tokens: TokenCounts): string {
  let json = '';
  for (const name in tokens) {
    const count = tokens[name as keyof TokenCounts];
    if (count !== undefined) json += `${json === '' ? '{' : ','}"${name}":${number(count)}`;
  }
  return json === '' ? '{}' : `${json}}`;
}

function quoted(text: string | null): string {
  return text === null ? 'null' : `"${text}"`;
}

/** Null for what JSON has no number for, as `JSON.stringify` does: then one record is refused, and not all beside it. */
function number(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

let lastRevision = '';
let lastRevisionJson = '""';

/** The one part that may hold anything. It is nearly always the same as the last time. */
export function revisionJson(revision: string): string {
  if (revision !== lastRevision) {
    lastRevision = revision;
    lastRevisionJson = JSON.stringify(revision);
  }
  return lastRevisionJson;
}
