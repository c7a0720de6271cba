import { describe, expect, it } from 'vitest';
import { readError } from './read-error.ts';

function read(status: number, body: unknown) {
  return readError({
    status,
    headers: {},
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
}

describe('readError', () => {
  it.each<[string, number, unknown, object]>([
    [
      'OpenAI: too long',
      400,
      {
        error: {
          message:
            "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
          type: 'invalid_request_error',
          param: 'messages',
          code: 'context_length_exceeded',
        },
      },
      { kind: 'context_too_long', param: 'messages', tokens: { sent: 9000, limit: 8192 } },
    ],
    [
      'vLLM: too long, without a code',
      400,
      {
        object: 'error',
        message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
        code: 400,
      },
      { kind: 'context_too_long', tokens: { sent: 5000, limit: 4096 } },
    ],
    [
      'Mistral: too long',
      400,
      {
        object: 'error',
        message:
          'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      },
      { kind: 'context_too_long' },
    ],
    [
      'xAI: too long',
      400,
      { error: "This model's maximum prompt length is 131072 but the request contains 140000 tokens." },
      { kind: 'context_too_long', tokens: { sent: 140_000, limit: 131_072 } },
    ],
    [
      'llama.cpp: too long',
      400,
      {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
          n_prompt_tokens: 9,
          n_ctx: 8,
        },
      },
      { kind: 'context_too_long', tokens: { sent: 9, limit: 8 } },
    ],
    [
      'Azure: filtered',
      400,
      {
        error: {
          message: 'The response was filtered',
          type: null,
          param: 'prompt',
          code: 'content_filter',
          status: 400,
          innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: {} },
        },
      },
      { kind: 'content_filtered', param: 'prompt' },
    ],
    [
      'Azure: no deployment',
      404,
      { error: { code: 'DeploymentNotFound', message: 'm' } },
      { kind: 'model_not_found' },
    ],
    [
      'Azure: a bad key',
      401,
      { error: { code: '401', message: 'Access denied' } },
      { kind: 'unauthenticated' },
    ],
    [
      'Azure: too fast',
      429,
      {
        error: {
          code: '429',
          message: 'Requests have exceeded token rate limit. Please retry after 23 seconds.',
        },
      },
      { kind: 'rate_limited', retryAfterSeconds: 23 },
    ],
    [
      'OpenAI: no money',
      429,
      { error: { message: 'm', type: 'insufficient_quota', code: 'insufficient_quota' } },
      { kind: 'quota_exhausted' },
    ],
    [
      'Groq: larger than the limit',
      413,
      { error: { message: 'Request too large', type: 'tokens', code: 'rate_limit_exceeded' } },
      { kind: 'request_too_large' },
    ],
    [
      'DeepSeek: filtered',
      400,
      { error: { message: 'Content Exists Risk', type: 'invalid_request_error' } },
      { kind: 'content_filtered' },
    ],
    ['DeepSeek: no money', 402, { error: { message: 'Insufficient Balance' } }, { kind: 'quota_exhausted' }],
    [
      'Mistral: no such model',
      400,
      { object: 'error', type: 'invalid_model', message: 'm' },
      { kind: 'model_not_found' },
    ],
    [
      'state that another made',
      400,
      { error: { message: 'm', code: 'invalid_encrypted_content' } },
      { kind: 'state_rejected' },
    ],
    ['overload', 503, 'upstream connect error', { kind: 'overloaded' }],
    ['FastAPI', 422, { detail: 'seed: extra' }, { kind: 'invalid_request', message: 'seed: extra' }],
    ['no body', 500, '', { kind: 'provider_error' }],
  ])('%s', (_name, status, body, expected) => {
    expect(read(status, body)).toMatchObject(expected);
  });
});
