import type { GatewayError } from '../errors/gateway-error.ts';

/** The body of an error in OpenAI's shape: `{"error":{"message","type","param","code"}}`. */
export function openAiErrorBody(error: GatewayError): Buffer {
  return Buffer.from(errorText(error));
}

/**
 * An error in the middle of a stream, as one event. OpenAI's SDKs throw when an event's data has a member `error`; no
 * `[DONE]` follows, since the stream did not end well.
 */
export function openAiErrorEvent(error: GatewayError): Buffer {
  return Buffer.from(`data: ${errorText(error)}\n\n`);
}

function errorText(error: GatewayError): string {
  return JSON.stringify({
    error: { message: error.clientMessage(), type: error.type, param: error.param, code: error.code },
  });
}
