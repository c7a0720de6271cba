import { WindowExceededError } from '../model/model-refusals.ts';
import { bearerOf } from '../serving/read-bearer.ts';
import { sseFraming } from '../serving/sse-framing.ts';
import type { Wire } from '../serving/wire.ts';
import { AnthropicError } from './anthropic-error.ts';

const versions = ['2023-01-01', '2023-06-01', '2026-10-21'];

/** Anthropic's own API: a key in `x-api-key` (or a bearer token) and the `anthropic-version` header. */
export const anthropicWire: Wire = {
  refuse: (status, message) => new AnthropicError(status, status === 529 ? 'Overloaded' : message),
  refuseModel: (model) => new AnthropicError(404, `model: ${model}`),
  refuseNoModel: () => new AnthropicError(400, 'model: Field required'),
  authorize({ request }, authority) {
    const { 'x-api-key': key, 'anthropic-version': version } = request.headers;
    const bearer = bearerOf(request);
    if (key === undefined && bearer === undefined)
      throw new AnthropicError(401, 'x-api-key header is required');
    if (key !== undefined && !authority.isKey(key)) throw new AnthropicError(401, 'invalid x-api-key');
    if (key === undefined && !authority.isKey(bearer)) throw new AnthropicError(401, 'Invalid bearer token');
    if (version === undefined) throw new AnthropicError(400, 'anthropic-version: header is required');
    if (!versions.includes(String(version)))
      throw new AnthropicError(400, `anthropic-version: "${version}" is not a valid version`);
  },
};

export const anthropicFraming = sseFraming(
  (status = 529) =>
    new AnthropicError(
      status,
      status === 529 ? 'Overloaded' : 'The simulator was asked to fail in mid-stream.',
    ),
  { errorName: 'error' },
);

/** Says "too long" as Anthropic does; coding agents read the numbers. */
export function windowError<Result>(ask: () => Result): Result {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof WindowExceededError)) throw error;
    throw new AnthropicError(400, `prompt is too long: ${error.tokens} tokens > ${error.window} maximum`);
  }
}
