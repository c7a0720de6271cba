import type { ProviderErrorKind } from '../../../chat/provider-error.ts';
import { isObject } from '../../../chat/wire.ts';
import { readJsonRecord } from '../../../metering/read-json-record.ts';
import type { ErrorAnswer } from '../../provider-kind.ts';
import { readErrorObject } from '../read-error.ts';

/** The status that OpenAI answers for an error of the kind. */
const STATUSES: Readonly<Partial<Record<ProviderErrorKind, number>>> = {
  context_too_long: 400,
  content_filtered: 400,
  state_rejected: 400,
  invalid_request: 400,
  unauthenticated: 401,
  permission_denied: 403,
  model_not_found: 404,
  request_too_large: 413,
  rate_limited: 429,
  quota_exhausted: 429,
  overloaded: 503,
  timeout: 504,
};
const FAILED = 502;

/**
 * The answer that OpenAI gives for an error before a stream begins, out of one of the two events that tell of it inside the
 * stream: `error`, with its members inside or beside its type, or `response.failed`, where it is the response's.
 */
export function responsesErrorAnswer(data: Buffer): Pick<ErrorAnswer, 'status' | 'body'> | undefined {
  const event = readJsonRecord(data);
  if (!event) return undefined;
  const { response, type, sequence_number: _number, ...rest } = event;
  const holder = isObject(response) ? response : event;
  const error = isObject(holder.error) ? holder.error : rest;
  if (typeof error.message !== 'string' && typeof error.code !== 'string') return undefined;
  const status = STATUSES[readErrorObject(error).kind] ?? FAILED;
  const named = {
    message: '',
    type: status < 500 ? 'invalid_request_error' : 'server_error',
    param: null,
    code: null,
  };
  return { status, body: Buffer.from(JSON.stringify({ error: { ...named, ...error } })) };
}
