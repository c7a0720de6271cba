import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readError, readErrorObject } from './read-error.ts';

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
    ['no body', 500, '', { kind: 'provider_error', message: 'The provider gave no reason.' }],
    [
      'FastAPI: a list of faults',
      422,
      {
        detail: [{ type: 'extra_forbidden', loc: ['body', 'store'], msg: 'Extra inputs are not permitted' }],
      },
      { kind: 'invalid_request', message: 'Extra inputs are not permitted', param: 'store' },
    ],
    [
      'Mistral: the list inside the message',
      422,
      {
        object: 'error',
        message: { detail: [{ type: 'missing', loc: ['body', 'messages'], msg: 'Field required' }] },
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
      { kind: 'invalid_request', message: 'Field required', param: 'messages' },
    ],
    [
      "OpenRouter: an upstream's words",
      429,
      {
        error: {
          message: 'Provider returned error',
          code: 429,
          metadata: { raw: 'a-model is rate-limited upstream. Please retry shortly.', provider_name: 'One' },
        },
        user_id: 'u',
      },
      { kind: 'rate_limited', message: 'a-model is rate-limited upstream. Please retry shortly.' },
    ],
    [
      "OpenRouter: an upstream's body",
      400,
      {
        error: {
          message: 'Provider returned error',
          code: 400,
          metadata: {
            raw: '{"error":{"message":"The prompt is too long: 9000, model maximum context length: 8000"}}',
            provider_name: 'One',
          },
        },
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'OpenRouter: too long',
      400,
      {
        error: {
          code: 400,
          message:
            "This endpoint's maximum context length is 8000 tokens. However, you requested about 9000 tokens (8500 of text input, 500 in the output).",
        },
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'OpenRouter: moderated',
      403,
      { error: { code: 403, message: 'm', metadata: { reasons: ['violence'], flagged_input: 'a' } } },
      { kind: 'content_filtered' },
    ],
    [
      'an error as JSON in the sentence of another',
      500,
      {
        error: {
          message:
            'upstream: {"error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "1"}',
        },
      },
      { kind: 'overloaded', message: 'Overloaded' },
    ],
    [
      'JSON in a sentence that is no error',
      400,
      { error: { message: 'not {"a":1}' } },
      { message: 'not {"a":1}' },
    ],
    [
      'Gemini: a list, with the time to wait',
      429,
      [
        {
          error: {
            code: 429,
            message: 'm',
            status: 'RESOURCE_EXHAUSTED',
            details: [
              { '@type': 'type.googleapis.com/google.rpc.QuotaFailure' },
              { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '31.5s' },
            ],
          },
        },
      ],
      { kind: 'rate_limited', retryAfterSeconds: 31.5 },
    ],
    [
      'Gemini: a bad key',
      400,
      [{ error: { code: 400, message: 'API key not valid. Please pass one.', status: 'INVALID_ARGUMENT' } }],
      { kind: 'unauthenticated' },
    ],
    [
      'Gemini: too long',
      400,
      [
        {
          error: {
            code: 400,
            message: 'The input token count (9000) exceeds the maximum number of tokens allowed (8000).',
            status: 'INVALID_ARGUMENT',
          },
        },
      ],
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'TGI: a text, and what it is about beside it',
      422,
      {
        error:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8000. Given: 9000 `inputs` tokens',
        error_type: 'validation',
      },
      { kind: 'context_too_long', code: 'validation', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'xAI: a bad key',
      400,
      {
        code: 'Client specified an invalid argument',
        error: 'Incorrect API key provided: xa***. See the console.',
      },
      { kind: 'unauthenticated', message: 'Incorrect API key provided: xa***. See the console.' },
    ],
    [
      'xAI: filtered',
      403,
      { code: 'The caller does not have permission', error: 'Content violates usage guidelines. m' },
      { kind: 'content_filtered' },
    ],
    [
      'Cerebras: too long',
      400,
      {
        message:
          'Please reduce the length of the messages or completion. Current length is 9000 while limit is 8000',
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
      { kind: 'context_too_long', param: 'messages', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'Cerebras: too fast',
      429,
      { message: 'm', type: 'too_many_tokens_error', param: 'quota', code: 'token_quota_exceeded' },
      { kind: 'rate_limited' },
    ],
    [
      'SGLang: too long',
      400,
      {
        object: 'error',
        message: "The input (9000 tokens) is longer than the model's context length (8000 tokens).",
        code: 400,
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'vLLM: too long, newer words',
      400,
      {
        error: {
          message:
            "This model's maximum context length is 8000 tokens. However, your request has 9000 input tokens.",
          type: 'BadRequestError',
          code: 400,
        },
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'GitHub: too long',
      413,
      { error: { code: 'tokens_limit_reached', message: 'Request body too large. Max size: 8000 tokens.' } },
      { kind: 'context_too_long' },
    ],
    [
      'Groq: too fast, with minutes',
      429,
      {
        error: {
          message:
            'Rate limit reached on tokens per day (TPD). Please try again in 2m59.5s. Visit the console.',
          type: 'tokens',
          code: 'rate_limit_exceeded',
        },
      },
      { kind: 'rate_limited', retryAfterSeconds: 179.5 },
    ],
    [
      'OpenAI: too fast, by milliseconds',
      429,
      { error: { message: 'Please try again in 120ms. m', type: 'requests', code: 'rate_limit_exceeded' } },
      { kind: 'rate_limited', retryAfterSeconds: 0.12 },
    ],
    ['Groq: no capacity', 498, { error: { message: 'm' } }, { kind: 'overloaded' }],
    [
      'Azure: its gateway',
      429,
      { statusCode: 429, message: 'Rate limit is exceeded. Try again in 5 seconds.' },
      { kind: 'rate_limited', retryAfterSeconds: 5 },
    ],
    ['Bedrock', 403, { Message: 'not authorized' }, { kind: 'permission_denied', message: 'not authorized' }],
    [
      'a page of a proxy',
      502,
      '<html><head><title>502 Bad Gateway</title></head></html>',
      { message: '502 Bad Gateway' },
    ],
    [
      'a page without a title',
      502,
      '<html></html>',
      { kind: 'provider_error', message: 'The provider gave no reason.' },
    ],
    ['a line of a proxy', 503, 'no healthy upstream', { kind: 'overloaded', message: 'no healthy upstream' }],
    [
      'a sentence beside a title',
      404,
      { error: 'Not Found', message: 'no model a' },
      { message: 'no model a' },
    ],
    ['a number', 500, '5', { kind: 'provider_error', message: 'The provider gave no reason.' }],
  ])('%s', (_name, status, body, expected) => {
    expect(read(status, body)).toMatchObject(expected);
  });
});

describe('an error inside a stream', () => {
  it.each<[string, unknown, object]>([
    ['a status as code', { code: 429, message: 'm' }, { kind: 'rate_limited' }],
    ['a status as text', { code: '503', message: 'm' }, { kind: 'overloaded' }],
    ['words alone', "This model's maximum context length is 8 tokens", { kind: 'context_too_long' }],
    ['nothing', {}, { kind: 'provider_error', message: 'The provider gave no reason.' }],
    [
      'Groq: a call that is none',
      { message: 'm', type: 'invalid_request_error', code: 'tool_use_failed', status_code: 400 },
      { kind: 'invalid_request', code: 'tool_use_failed' },
    ],
    ['a type without a status', { message: 'm', type: 'invalid_request_error' }, { kind: 'invalid_request' }],
    ['TGI: overload', { error: 'Model is overloaded', error_type: 'overloaded' }, { kind: 'overloaded' }],
  ])('%s', (_name, value, expected) => {
    expect(readErrorObject(value)).toMatchObject(expected);
  });

  it('never throws, whatever stands there', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void expect(readErrorObject(value).kind).toBeTypeOf('string')),
    );
  });
});
