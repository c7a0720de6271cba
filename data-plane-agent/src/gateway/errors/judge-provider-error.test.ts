import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readError } from '../providers/openai-compatible/read-error.ts';
import { judgeProviderError } from './judge-provider-error.ts';
import { readRetryAfter } from './read-retry-after.ts';

const NOW = Date.UTC(2026, 0, 1);

function judge(status: number, body: Buffer, headers = {}) {
  return judgeProviderError(readError({ status, headers, body }), status, headers, NOW);
}

function classify(status: number, body: unknown, headers = {}) {
  return judge(status, Buffer.from(JSON.stringify(body)), headers);
}

describe('judgeProviderError, on what OpenAI-compatible servers say', () => {
  it.each([
    [401, { code: 'invalid_api_key' }, 'authentication_failed', false, true],
    [403, {}, 'permission_denied', false, true],
    [404, { code: 'model_not_found' }, 'model_not_found', false, true],
    [429, { code: 'rate_limit_exceeded', type: 'tokens' }, 'rate_limited', true, true],
    [429, { code: 'insufficient_quota', type: 'insufficient_quota' }, 'quota_exhausted', false, true],
    [429, { code: null, type: 'insufficient_quota' }, 'quota_exhausted', false, true],
    [400, { code: 'context_length_exceeded' }, 'request_too_large', false, true],
    [
      400,
      { code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } },
      'content_filtered',
      false,
      false,
    ],
    [400, { code: 'invalid_value' }, 'invalid_request', false, false],
    [400, { code: '__proto__', type: 'constructor' }, 'invalid_request', false, false],
    [422, {}, 'invalid_request', false, false],
    [500, {}, 'provider_error', true, true],
    [502, {}, 'provider_error', true, true],
    [503, {}, 'provider_overloaded', true, true],
    [529, { type: 'overloaded_error' }, 'provider_overloaded', true, true],
    [302, {}, 'provider_answer_malformed', false, true],
  ])('%i %j is %s', (status, error, usageCode, retryable, failOver) => {
    expect(classify(status, { error })).toEqual({
      usageCode,
      retryable,
      failOver,
      retryAfterSeconds: undefined,
    });
  });

  it('reads bodies without an error around them and lists of one', () => {
    expect(classify(400, { object: 'error', code: 'context_length_exceeded' }).usageCode).toBe(
      'request_too_large',
    );
    expect(classify(429, [{ error: { code: 'insufficient_quota' } }]).usageCode).toBe('quota_exhausted');
  });

  it('heeds x-should-retry: false', () => {
    expect(classify(500, {}, { 'x-should-retry': 'false' }).retryable).toBe(false);
  });

  it('never fails, whatever the body is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), fc.oneof(fc.string(), fc.json()), (status, body) => {
        const verdict = judge(status, Buffer.from(body));
        expect(verdict.usageCode).not.toBe('');
      }),
    );
  });
});

describe('readRetryAfter', () => {
  it.each([
    [{ 'retry-after': '7' }, 7],
    [{ 'retry-after': '0.5' }, 0.5],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 0.25],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30],
    [{ 'retry-after': 'Wed, 31 Dec 2025 00:00:30 GMT' }, 0],
    [{ 'retry-after': '99999999' }, 86_400],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{ 'retry-after': ['1', '2'] }, undefined],
    [{}, undefined],
  ])('%j: %s', (headers, seconds) => {
    expect(readRetryAfter(headers, NOW)).toBe(seconds);
  });
});
