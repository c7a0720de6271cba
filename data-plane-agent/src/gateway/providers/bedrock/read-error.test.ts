import { describe, expect, it } from 'vitest';
import { readError, readException } from './read-error.ts';

function answer(status: number, type: string | undefined, body: unknown) {
  const headers = type === undefined ? {} : { 'x-amzn-errortype': type };
  return { status, headers, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

describe('answers', () => {
  it.each([
    [429, 'ThrottlingException', 'Too many requests, please wait before trying again.', 'rate_limited'],
    [
      429,
      'ThrottlingException',
      'Too many tokens per day, please wait before trying again.',
      'quota_exhausted',
    ],
    [
      404,
      'ResourceNotFoundException',
      'Model use case details have not been submitted for this account.',
      'permission_denied',
    ],
    [429, 'ModelNotReadyException', 'The model is not ready for inference.', 'overloaded'],
    [400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota.', 'quota_exhausted'],
    [503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.', 'overloaded'],
    [408, 'ModelTimeoutException', 'Model has timed out.', 'timeout'],
    [424, 'ModelErrorException', 'The system encountered an unexpected error.', 'provider_error'],
    [500, 'InternalServerException', 'The system encountered an error.', 'provider_error'],
    [
      403,
      'AccessDeniedException',
      "You don't have access to the model with the specified model ID.",
      'permission_denied',
    ],
    [
      403,
      'AccessDeniedException',
      'Authentication failed: Please make sure your API Key is valid.',
      'unauthenticated',
    ],
    [
      403,
      'ExpiredTokenException',
      'The security token included in the request is expired',
      'unauthenticated',
    ],
    [
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
      'unauthenticated',
    ],
    [
      403,
      'InvalidSignatureException',
      'Signature expired: 20260101T000000Z is now earlier than …',
      'unauthenticated',
    ],
    [404, 'ResourceNotFoundException', 'Could not resolve the foundation model.', 'model_not_found'],
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'model_not_found'],
    [
      400,
      'ValidationException',
      "Invocation of model ID x with on-demand throughput isn't supported.",
      'model_not_found',
    ],
    [
      400,
      'ValidationException',
      'Malformed input request: extraneous key [x] is not permitted',
      'invalid_request',
    ],
    [400, 'ValidationException', 'Operation not allowed', 'permission_denied'],
    [
      400,
      'ValidationException',
      'Access to this model is not available for channel program accounts.',
      'permission_denied',
    ],
    [400, 'ValidationException', 'Input is too long for requested model.', 'context_too_long'],
    [
      400,
      'ValidationException',
      'Input Tokens Exceeded: Number of input tokens exceeds maximum length.',
      'context_too_long',
    ],
    [
      400,
      'ValidationException',
      'Malformed input request: expected maxLength: 50000, actual: 60000',
      'context_too_long',
    ],
    [400, 'ValidationException', 'This request has been blocked by our content filters.', 'content_filtered'],
    [
      400,
      'ValidationException',
      'messages.1.content.0: Invalid `signature` in `thinking` block',
      'state_rejected',
    ],
    [
      400,
      'ValidationException',
      'messages.3: `thinking` or `redacted_thinking` blocks in the latest message cannot be modified.',
      'state_rejected',
    ],
    [
      400,
      'ValidationException',
      'The encrypted content gAAA… could not be verified. Reason: organization mismatch.',
      'state_rejected',
    ],
    [418, undefined, 'teapot', 'invalid_request'],
    [599, undefined, '', 'provider_error'],
  ])('reads %i %s: %s', (status, type, message, kind) => {
    expect(readError(answer(status, type, { message }))).toMatchObject({ kind, message, code: type });
  });

  it.each([
    ['prompt is too long: 215000 tokens > 200000 maximum', { sent: 215000, limit: 200000 }],
    [
      'input length and `max_tokens` exceed context limit: 198000 + 8192 > 200000',
      { sent: 206192, limit: 200000 },
    ],
    [
      '400 Bad Request: Too many input tokens. Max input tokens: 8192, request input token count: 9000 ',
      { sent: 9000, limit: 8192 },
    ],
    [
      "This model's maximum context length is 128000 tokens. However, you requested 130000 tokens",
      { sent: 130000, limit: 128000 },
    ],
    [
      'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      { sent: 40000, limit: 32768 },
    ],
    ['Input is too long for requested model.', undefined],
  ])('finds the figures in %s', (message, tokens) => {
    const error = readError(answer(400, 'ValidationException', { message }));
    expect(error).toMatchObject({ kind: 'context_too_long', message });
    expect(error.tokens).toEqual(tokens);
  });

  it('finds the name in the header, with its namespace, or in the body', () => {
    const spelled = 'ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/';
    expect(readError(answer(400, spelled, {})).code).toBe('ValidationException');
    const body = { __type: 'com.amazon.coral.availability#ThrottlingException', message: 'x' };
    expect(readError(answer(400, undefined, body))).toMatchObject({
      code: 'ThrottlingException',
      kind: 'rate_limited',
    });
  });

  it('says what an operation that is not there is refused with', () => {
    const body = { Output: { __type: 'com.amazon.coral.service#UnknownOperationException' }, Version: '1.0' };
    expect(readError(answer(404, undefined, body))).toEqual({
      kind: 'invalid_request',
      code: 'UnknownOperationException',
      message: 'UnknownOperationException',
    });
  });

  it("takes the model's own sentence out of Bedrock's", () => {
    const inner = {
      type: 'error',
      error: { type: 'x', message: 'prompt is too long: 2 tokens > 1 maximum' },
    };
    const message = `The model returned the following errors: ${JSON.stringify(inner)}`;
    expect(readError(answer(400, 'ValidationException', { message }))).toEqual({
      kind: 'context_too_long',
      code: 'ValidationException',
      message: 'prompt is too long: 2 tokens > 1 maximum',
      tokens: { sent: 2, limit: 1 },
    });
  });

  it.each(['', 'not JSON', '[]', '{"message":{}}', '{"message":"broken {\\"x"}'])('survives %j', (body) => {
    expect(readError(answer(500, undefined, body)).kind).toBe('provider_error');
  });
});

describe('exceptions in streams', () => {
  it.each([
    ['throttlingException', { message: 'slow' }, 'rate_limited'],
    [
      'modelStreamErrorException',
      { message: 'x', originalStatusCode: 529, originalMessage: 'y' },
      'overloaded',
    ],
    ['modelStreamErrorException', { message: 'x', originalStatusCode: 500 }, 'provider_error'],
    ['validationException', { message: 'Input is too long for requested model.' }, 'context_too_long'],
    ['internalServerException', { message: 'x' }, 'provider_error'],
    ['serviceUnavailableException', { message: 'x' }, 'overloaded'],
    ['modelTimeoutException', { message: 'x' }, 'timeout'],
    ['somethingNew', { message: 'x' }, 'provider_error'],
  ])('reads %s %j', (name, payload, kind) => {
    const error = readException(name, Buffer.from(JSON.stringify(payload)));
    expect(error).toMatchObject({ kind, code: name, message: payload.message });
  });
});

it('reads the figures of a window that messages have passed', () => {
  const message =
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.";
  expect(readError(answer(400, 'ValidationException', { message }))).toMatchObject({
    kind: 'context_too_long',
    tokens: { sent: 9_000, limit: 8_192 },
  });
});

describe('a signature that was refused for its time', () => {
  it.each([
    [403, 'InvalidSignatureException', 'Signature expired: 20260101T000000Z is now earlier than …', true],
    [403, 'InvalidSignatureException', 'Signature not yet current: 20260101T000000Z …', true],
    [400, 'RequestExpired', 'Request has expired.', true],
    [403, 'RequestTimeTooSkewed', 'The difference between the times is too large.', true],
    [403, 'InvalidSignatureException', 'The signature does not match.', undefined],
    [403, 'ExpiredTokenException', 'The security token included in the request is expired', undefined],
  ])('%i %s: %s', (status, type, message, retryable) => {
    const error = readError(answer(status, type, { message }));
    expect([error.kind, error.retryable]).toEqual(['unauthenticated', retryable]);
  });
});
