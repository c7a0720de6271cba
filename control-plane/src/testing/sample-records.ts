import { type Attempt, addTokens, newId, type UsageRecord } from '@bonito/protocol';

/** Ids that a sample record names. */
export interface SampleIds {
  key_id: string | null;
  provider_id: string;
  deployment_id: string;
}

/** A usage record as an agent writes it, with its sums right. */
export function sampleUsage(
  ids: SampleIds,
  changes: Partial<Omit<UsageRecord, 'kind' | 'attempts' | 'tokens' | 'cost_nanos'>> & {
    attempts?: Partial<Attempt>[];
  } = {},
): UsageRecord {
  const attempts = (changes.attempts ?? [{}]).map(
    (attempt): Attempt => ({
      provider_id: ids.provider_id,
      deployment_id: ids.deployment_id,
      status: 200,
      outcome: 'success',
      error_code: null,
      tokens: { input: 100, cache_read: 10, output: 50 },
      quality: 'exact',
      cost_nanos: 1_250,
      price_revision: 'r1',
      latency_ms: 300,
      ...attempt,
    }),
  );
  return {
    kind: 'usage',
    id: newId(),
    request_id: newId(),
    occurred_at: '2026-11-21T08:15:00.000Z',
    key_id: ids.key_id,
    team_id: null,
    route_id: null,
    requested_id: ids.deployment_id,
    deployment_id: ids.deployment_id,
    surface: 'openai-chat',
    stream: true,
    status: 200,
    outcome: 'success',
    error_code: null,
    latency_ms: 320,
    time_to_first_token_ms: 100,
    cache: 'none',
    config: { epoch: 1, revision: 3 },
    source: 'vpc_agent',
    ...changes,
    attempts,
    tokens: addTokens(...attempts.map((attempt) => attempt.tokens)),
    cost_nanos: attempts.reduce((total, attempt) => total + attempt.cost_nanos, 0),
  };
}
