import { WindowExceededError } from '../model/model-refusals.ts';
import { bearerOf } from '../serving/read-bearer.ts';
import type { Wire } from '../serving/wire.ts';
import { BedrockError } from './bedrock-error.ts';
import { SignatureRefusal, verifySignature } from './verify-signature.ts';

/** Bedrock's runtime: Signature Version 4 or a Bedrock API key as bearer. */
export const bedrockWire: Wire = {
  refuse: (status, message) =>
    new BedrockError(
      status,
      status === 429 ? 'Too many requests, please wait before trying again.' : message,
    ),
  refuseModel: () => new BedrockError(400, 'The provided model identifier is invalid.'),
  refuseNoModel: () => new BedrockError(400, 'The provided model identifier is invalid.'),
  authorize(arrival, authority) {
    const bearer = bearerOf(arrival.request);
    if (bearer !== undefined) {
      if (authority.isKey(bearer)) return;
      throw new BedrockError(403, 'Authentication failed: Please make sure your API Key is valid.');
    }
    try {
      verifySignature(arrival, authority, 'bedrock');
    } catch (error) {
      if (error instanceof SignatureRefusal) throw new BedrockError(403, error.message, error.type);
      throw error;
    }
  },
};

/** Says "too long" as Bedrock does for Claude. */
export function windowError<Result>(ask: () => Result): Result {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof WindowExceededError)) throw error;
    const { tokens, window } = error;
    throw new BedrockError(
      400,
      `The model returned the following errors: prompt is too long: ${tokens} tokens > ${window} maximum`,
    );
  }
}
