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
    ...['credit_balance_exhausted', 'organization_spend_limit_exceeded', 'project_spend_limit_exceeded']
      .concat('organization_usage_limit_exceeded')
      .map((code): [string, number, unknown, object] => [
        `OpenAI: out of money, ${code}`,
        429,
        { error: { message: 'Add credits.', type: 'invalid_request_error', param: null, code } },
        { kind: 'quota_exhausted', code },
      ]),
    [
      'OpenAI: no such stored response',
      400,
      {
        error: {
          message: "Previous response with id 'resp_1' not found.",
          type: 'invalid_request_error',
          param: 'previous_response_id',
          code: 'previous_response_not_found',
        },
      },
      { kind: 'state_rejected', param: 'previous_response_id' },
    ],
    [
      'OpenAI: an item that it did not keep',
      404,
      {
        error: {
          message: "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.",
          type: 'invalid_request_error',
          param: 'input',
          code: null,
        },
      },
      { kind: 'state_rejected', param: 'input' },
    ],
    [
      'OpenAI: kept from its users',
      403,
      { error: { message: 'Limited for now.', type: 'invalid_request_error', code: 'cyber_policy' } },
      { kind: 'content_filtered', code: 'cyber_policy' },
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
      'OpenAI: embeddings of too much at once',
      400,
      {
        error: {
          message: 'Requested 371504 tokens, max 300000 tokens per request',
          type: 'max_tokens_per_request',
          code: 'max_tokens_per_request',
        },
      },
      { kind: 'request_too_large' },
    ],
    [
      'OpenAI: a picture that is not drawn',
      400,
      { error: { message: 'Refused.', type: 'image_generation_user_error', code: 'moderation_blocked' } },
      { kind: 'content_filtered' },
    ],
    [
      'Voyage: no such model',
      400,
      { detail: "Model nothing is not supported. Supported models are ['voyage-4']." },
      { kind: 'model_not_found' },
    ],
    [
      'Voyage: embeddings of too much at once',
      400,
      {
        detail:
          'The max allowed tokens per submitted batch is 120000. Your batch has 254000 tokens after truncation.',
      },
      { kind: 'request_too_large' },
    ],
    [
      'llama.cpp: a text that is too long to embed',
      500,
      {
        error: { code: 500, message: 'input (1003 tokens) is too large to process. increase the batch size' },
      },
      { kind: 'context_too_long' },
    ],
    [
      'Text Embeddings Inference: too long',
      413,
      {
        error: 'Input validation error: `inputs` must have less than 512 tokens. Given: 600',
        error_type: 'Validation',
      },
      { kind: 'context_too_long', tokens: { sent: 600, limit: 512 } },
    ],
    [
      'Azure: no role, which it says with a 401',
      401,
      {
        error: { code: 'PermissionDenied', message: 'The principal `p` lacks the required data action `a`.' },
      },
      { kind: 'permission_denied' },
    ],
    [
      'Azure: no room',
      429,
      { error: { code: 'NoCapacity', message: 'The system is experiencing high demand.', type: null } },
      { kind: 'overloaded', code: 'NoCapacity' },
    ],
    [
      'Azure: a model that has no such operation',
      400,
      { error: { code: 'OperationNotSupported', message: 'The operation does not work with the model.' } },
      { kind: 'model_not_found' },
    ],
    [
      'Azure: a filtered picture, as it was first said',
      400,
      { error: { code: 'contentFilter', message: 'Your task failed as a result of our safety system.' } },
      { kind: 'content_filtered' },
    ],
    [
      'Azure: its gateway, with a quota for the month',
      403,
      { statusCode: 403, message: 'Out of call volume quota. Quota will be replenished in 01:12:39.' },
      { kind: 'quota_exhausted' },
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
    [
      'Mistral: too long',
      400,
      {
        object: 'error',
        message:
          'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      },
      { kind: 'context_too_long', tokens: { sent: 40_000, limit: 32_768 } },
    ],
    [
      'vLLM: too long for the answer that is asked for',
      400,
      {
        error: {
          message:
            "You passed 7500 input tokens and requested 1000 output tokens. However, the model's context length is only 8000 tokens, resulting in a maximum input length of 7000 tokens.",
          code: 400,
        },
      },
      { kind: 'context_too_long', tokens: { sent: 7500, limit: 7000 } },
    ],
    [
      'vLLM: too long together with the answer',
      400,
      {
        error: {
          message:
            "This model's maximum context length is 8000 tokens. However, you requested 1000 output tokens and your prompt contains at least 7001 input tokens, for a total of at least 8001 tokens.",
          code: 400,
        },
      },
      { kind: 'context_too_long', tokens: { sent: 8001, limit: 8000 } },
    ],
    [
      'SGLang: too long together with the answer',
      400,
      {
        object: 'error',
        message:
          "Requested token count exceeds the model's maximum context length of 8000 tokens. You requested a total of 9000 tokens: 8500 tokens from the input messages and 500 tokens for the completion.",
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'SambaNova: too long',
      400,
      {
        error: {
          message:
            'The maximum context length of some-model is 8000. However, answering your request will take 9000 tokens.',
          type: 'Error',
        },
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'OpenAI: over a limit of its own',
      400,
      {
        error: {
          message:
            'Input tokens exceed the configured limit of 8000 tokens. Your messages resulted in 9000 tokens.',
          code: 'context_length_exceeded',
        },
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'Moonshot: too long',
      400,
      {
        error: {
          message: 'Invalid request: Your request exceeded model token limit: 8000 (requested: 9000)',
          type: 'invalid_request_error',
        },
      },
      { kind: 'context_too_long', tokens: { sent: 9000, limit: 8000 } },
    ],
    [
      'Z.ai: too long',
      400,
      { error: { code: '1261', message: 'Prompt exceeds max length' } },
      { kind: 'context_too_long' },
    ],
    [
      'Alibaba: too long',
      400,
      {
        error: {
          code: 'invalid_parameter_error',
          message: '<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 8000]',
        },
      },
      { kind: 'context_too_long' },
    ],
    [
      'Databricks: too long for the model behind it',
      400,
      { error_code: 'BAD_REQUEST', message: '{"message":"Input is too long for requested model."}' },
      { kind: 'context_too_long' },
    ],
    [
      'Moonshot: out of money',
      429,
      { error: { message: 'm', type: 'exceeded_current_quota_error' } },
      { kind: 'quota_exhausted' },
    ],
    [
      'Moonshot: too fast',
      429,
      {
        error: {
          message: 'Your account reached max request, please try again after 1 seconds',
          type: 'rate_limit_reached_error',
        },
      },
      { kind: 'rate_limited', retryAfterSeconds: 1 },
    ],
    [
      'Gemini behind another server: too fast',
      429,
      { error: { message: 'You exceeded your rate. Please retry in 36.5s.', code: 429 } },
      { kind: 'rate_limited', retryAfterSeconds: 36.5 },
    ],
    [
      'Z.ai: out of money, which it says with a 429',
      429,
      { error: { code: '1113', message: 'Insufficient balance or no resource package. Please recharge.' } },
      { kind: 'quota_exhausted' },
    ],
    [
      'Z.ai: overloaded, which it says with a 429',
      429,
      { error: { code: '1305', message: 'The service may be temporarily overloaded' } },
      { kind: 'overloaded' },
    ],
    [
      'xAI: out of money',
      429,
      {
        code: 'Some resource has been exhausted',
        error: 'Your team t has either used all available credits or reached its monthly spending limit.',
      },
      { kind: 'quota_exhausted' },
    ],
    [
      'Fireworks: out of money',
      412,
      {
        error: {
          code: 'PRECONDITION_FAILED',
          message: 'Account a is suspended, possibly due to reaching the monthly spending limit',
        },
      },
      { kind: 'quota_exhausted' },
    ],
    [
      'Alibaba: out of money',
      400,
      { error: { code: 'Arrearage', message: 'm' } },
      { kind: 'quota_exhausted' },
    ],
    [
      'Alibaba: filtered',
      400,
      { error: { code: 'data_inspection_failed', message: 'm' } },
      { kind: 'content_filtered' },
    ],
    [
      'Z.ai: filtered',
      400,
      {
        error: { code: '1301', message: 'System detected potentially unsafe or sensitive content in input.' },
      },
      { kind: 'content_filtered' },
    ],
    [
      'DeepSeek: no such model',
      400,
      { error: { message: 'Model Not Exist', code: 'invalid_request_error' } },
      { kind: 'model_not_found' },
    ],
    [
      'Hugging Face: no such model',
      400,
      { error: { message: 'm', type: 'invalid_request_error', code: 'model_not_supported' } },
      { kind: 'model_not_found' },
    ],
    [
      'Mistral: no room',
      429,
      { object: 'error', message: 'm', type: 'service_tier_capacity_exceeded', code: '3505' },
      { kind: 'overloaded' },
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

it('names no figures where what was sent would fit by itself', () => {
  const message =
    "'max_tokens' is too large: 5000. This model's maximum context length is 4096 tokens and your request has 200 input tokens (5000 > 4096 - 200).";
  const error = read(400, { error: { message, param: 'max_tokens', code: 400 } });
  expect(error.kind).toBe('context_too_long');
  expect(error.tokens).toBeUndefined();
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
    ['Azure: too fast', { type: 'too_many_requests', code: 'too_many_requests' }, { kind: 'rate_limited' }],
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
