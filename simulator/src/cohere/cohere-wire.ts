import { WindowExceededError } from '../model/model-refusals.ts';
import type { Framing } from '../serving/framing.ts';
import { bearerOf } from '../serving/read-bearer.ts';
import { sseFraming } from '../serving/sse-framing.ts';
import type { Wire } from '../serving/wire.ts';
import { WireError } from '../serving/wire-error.ts';

/** An answer in Cohere's error shape: an id and a message. */
export class CohereError extends WireError {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'CohereError';
    this.status = status;
  }

  body(): string {
    return JSON.stringify({ id: 'sim-error', message: this.message });
  }
}

/** Cohere's API: a bearer key. */
export const cohereWire: Wire = {
  refuse: (status, message) => new CohereError(status, message),
  refuseModel: (model) =>
    new CohereError(
      404,
      `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`,
    ),
  refuseNoModel: () => new CohereError(400, "invalid request: 'model' is required"),
  authorize({ request }, authority) {
    const key = bearerOf(request);
    if (key === undefined) throw new CohereError(401, 'no api key supplied');
    if (!authority.isKey(key)) throw new CohereError(401, 'invalid api token');
  },
};

/** A failed stream ends by a `message-end` whose finish reason is an error. */
export const cohereFraming: Framing = {
  ...sseFraming((status = 500) => new CohereError(status, 'The simulator was asked to fail in mid-stream.')),
  fail: () => {
    const delta = { error: 'The simulator was asked to fail in mid-stream.', finish_reason: 'ERROR' };
    return `event: message-end\ndata: ${JSON.stringify({ type: 'message-end', delta })}\n\n`;
  },
};

/** Says "too long" as Cohere does. */
export function windowError<Result>(ask: () => Result): Result {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof WindowExceededError)) throw error;
    const { tokens, window } = error;
    throw new CohereError(
      400,
      `too many tokens: total number of tokens in the prompt cannot exceed ${window} - received ${tokens}. Try using a shorter prompt, or enabling prompt truncating. See https://docs.cohere.com/reference/generate for more details.`,
    );
  }
}
