import type { ProviderErrorKind } from '../../../chat/provider-error.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { readJsonRecord } from '../../../metering/read-json-record.ts';
import { readException } from '../read-error.ts';
import { readInvokeChunk } from './invoke-chunk.ts';

/** Anthropic writes an event's type first. */
const TYPE = Buffer.from('{"type":"');
const QUOTE = 0x22;

/** Anthropic's error types, by what an exception is about. */
const ERROR_TYPES: Readonly<Record<ProviderErrorKind, string>> = {
  context_too_long: 'invalid_request_error',
  request_too_large: 'request_too_large',
  rate_limited: 'rate_limit_error',
  quota_exhausted: 'rate_limit_error',
  overloaded: 'overloaded_error',
  content_filtered: 'invalid_request_error',
  state_rejected: 'invalid_request_error',
  invalid_request: 'invalid_request_error',
  unauthenticated: 'authentication_error',
  permission_denied: 'permission_error',
  model_not_found: 'not_found_error',
  timeout: 'timeout_error',
  provider_error: 'api_error',
};

/**
 * Takes an event of Anthropic's out of Bedrock's frame, as it would stand in SSE. An exception becomes Anthropic's `error`
 * event.
 *
 * @returns undefined for a frame that holds none
 */
export function unwrapClaudeEvent(frame: StreamFrame): StreamFrame | undefined {
  if (frame.exception) {
    const { kind, message } = readException(frame.event, frame.data);
    const error = { type: 'error', error: { type: ERROR_TYPES[kind], message } };
    return { event: 'error', exception: false, data: Buffer.from(JSON.stringify(error)) };
  }
  const data = readInvokeChunk(frame);
  return data && { event: eventType(data), exception: false, data };
}

function eventType(data: Buffer): string | undefined {
  if (data.subarray(0, TYPE.length).equals(TYPE)) {
    return data.toString('latin1', TYPE.length, data.indexOf(QUOTE, TYPE.length));
  }
  const type = readJsonRecord(data)?.type;
  return typeof type === 'string' ? type : undefined;
}
