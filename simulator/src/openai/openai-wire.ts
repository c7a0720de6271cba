import { WindowExceededError } from '../model/model-refusals.ts';
import { bearerOf } from '../serving/read-bearer.ts';
import { sseFraming } from '../serving/sse-framing.ts';
import type { Wire } from '../serving/wire.ts';
import { OpenAiError } from './openai-error.ts';

/** OpenAI's protocol. Any credential is good unless one was set, as for servers that demand none. */
export const openAiWire: Wire = {
  refuse: (status, message) => new OpenAiError(status, message),
  refuseModel: (model) => new OpenAiError(404, `The model '${model}' does not exist.`, { param: 'model' }),
  refuseNoModel: () => new OpenAiError(400, 'You must provide a model parameter.', { param: 'model' }),
  authorize({ request }, authority) {
    if (!authority.isOpenAiKey(bearerOf(request)))
      throw new OpenAiError(401, 'Incorrect API key provided to the simulator.');
  },
};

export const openAiFraming = sseFraming(
  (status = 500) => new OpenAiError(status, 'The simulator was asked to fail in mid-stream.'),
  { end: 'data: [DONE]\n\n' },
);

/** Says "too long" as OpenAI does. */
export function windowError<Result>(ask: () => Result): Result {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof WindowExceededError)) throw error;
    const { tokens, window } = error;
    const message = `This model's maximum context length is ${window} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`;
    throw new OpenAiError(400, message, { code: 'context_length_exceeded', param: 'messages' });
  }
}
