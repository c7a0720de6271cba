import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { SurfaceErrors } from '../chat-surface.ts';
import { openAiErrors } from '../openai-chat/openai-errors.ts';

/**
 * The error of a body as the Responses API streams it. OpenAI's SDKs throw on its member `error`, others look for the
 * members beside it; both forms are OpenAI's (API reference, "Streaming events", `error`, and what its servers send).
 */
export function errorEvent(body: JsonObject, sequence: number): JsonObject {
  const error = isObject(body.error) ? body.error : body;
  const { code = null, message = '', param = null } = error;
  return { type: 'error', sequence_number: sequence, code, message, param, error };
}

/**
 * What a failed response says of its error. Its codes are the API's own (API reference, "The Response object", `error`): of
 * requests that are refused for good it knows one, and Codex asks again after all but a few.
 */
export function responseError(body: JsonObject): JsonObject {
  const { code, type, message = '' } = isObject(body.error) ? body.error : body;
  const refused = type === 'invalid_request_error' && (code === null || code === 'content_filter');
  return { code: refused ? 'invalid_prompt' : (code ?? 'server_error'), message };
}

/**
 * How errors look in the Responses API. Inside a stream the error's own event comes first and then the response that
 * failed: SDKs throw on the former, coding agents look for the latter.
 */
export const responsesErrors: SurfaceErrors = {
  ...openAiErrors,
  // OpenAI finds out when it has begun to answer, so that agents which then shorten their history look for it there alone.
  isStreamed: ({ kind }) => kind === 'context_too_long',
  event(body) {
    const response = {
      id: 'resp_0',
      object: 'response',
      status: 'failed',
      error: responseError(body),
      incomplete_details: null,
      output: [],
      usage: null,
    };
    const failed = { type: 'response.failed', sequence_number: 1, response };
    return Buffer.from(frame('error', errorEvent(body, 0)) + frame('response.failed', failed));
  },
};

/** One event as the stream has it. */
export function frame(type: string, data: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
