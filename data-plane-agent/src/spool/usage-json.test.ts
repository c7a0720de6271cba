import {
  OUTCOMES,
  SURFACES,
  TOKEN_CLASSES,
  type TokenCounts,
  USAGE_ERROR_CODES,
  type UsageRecord,
} from '@bonito/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { usageJson } from './usage-json.ts';

const nullable = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const number = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0),
);
const tokens: fc.Arbitrary<TokenCounts> = fc
  .array(fc.tuple(fc.constantFrom(...TOKEN_CLASSES), fc.oneof(number, fc.constant(undefined))), {
    maxLength: 9,
  })
  .map((pairs) => Object.fromEntries(pairs));
const outcome = fc.constantFrom(...OUTCOMES);
const errorCode = nullable(fc.constantFrom(...USAGE_ERROR_CODES));
const attempt = fc.record({
  provider_id: fc.uuid(),
  deployment_id: fc.uuid(),
  status: nullable(number),
  outcome,
  error_code: errorCode,
  tokens,
  quality: fc.constantFrom('exact' as const, 'estimated' as const, 'unknown' as const),
  cost_nanos: number,
  price_revision: fc.oneof(fc.constantFrom('p1', ''), fc.string({ unit: 'binary', maxLength: 64 })),
  latency_ms: number,
});
const record: fc.Arbitrary<UsageRecord> = fc.record({
  kind: fc.constant('usage' as const),
  id: fc.uuid(),
  request_id: fc.uuid(),
  occurred_at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  key_id: nullable(fc.uuid()),
  team_id: nullable(fc.uuid()),
  route_id: nullable(fc.uuid()),
  requested_id: nullable(fc.uuid()),
  deployment_id: nullable(fc.uuid()),
  surface: fc.constantFrom(...SURFACES),
  stream: fc.boolean(),
  status: nullable(number),
  outcome,
  error_code: errorCode,
  attempts: fc.array(attempt, { maxLength: 4 }),
  tokens,
  cost_nanos: number,
  latency_ms: number,
  time_to_first_token_ms: nullable(number),
  cache: fc.constantFrom('none' as const, 'hit' as const, 'miss' as const),
  config: fc.record({ epoch: number, revision: number }),
  source: fc.constantFrom('vpc_agent' as const, 'shared_gateway' as const),
});

test('a usage record written by hand is what JSON.stringify writes', () => {
  fc.assert(
    fc.property(record, (one) => {
      expect(JSON.parse(usageJson(one))).toEqual(JSON.parse(JSON.stringify(one)));
    }),
    { numRuns: 1_000 },
  );
});
