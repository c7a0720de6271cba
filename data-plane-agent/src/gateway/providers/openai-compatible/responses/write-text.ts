import type { ChatRequest, ResponseFormat } from '../../../chat/chat-request.ts';
import type { DroppedFields } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { promisedStrictness } from '../promised-strictness.ts';
import type { ResponsesServer } from './responses-wire.ts';

/**
 * `text`: the form of the answer, and how wordy it is.
 *
 * @param own further members, as they stood on this wire
 */
export function writeText(
  { responseFormat, verbosity }: ChatRequest,
  own: unknown,
  dropped: DroppedFields,
  server: ResponsesServer,
): JsonObject {
  const written: Record<string, unknown> = isObject(own) ? { ...own } : {};
  const format = responseFormat && writeFormat(responseFormat, dropped, server);
  if (format !== undefined) written.format = format;
  if (verbosity !== undefined) {
    if (server.lacks.has('verbosity')) dropped.add('verbosity');
    else written.verbosity = verbosity;
  }
  return Object.keys(written).length === 0 ? {} : { text: written };
}

function writeFormat(format: ResponseFormat, dropped: DroppedFields, server: ResponsesServer): unknown {
  if (format.type === 'other') return dropped.keepOriginal(format.original, 'response_format');
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  if (server.lacks.has('response_format.json_schema')) {
    dropped.add('response_format.json_schema');
    return { type: 'json_object' };
  }
  const { name, description, schema } = format;
  const strict = promisedStrictness(format, schema, 'response_format.json_schema.strict', dropped);
  return {
    type: 'json_schema',
    name,
    ...(description !== undefined && { description }),
    schema: schema ?? {},
    ...(strict !== undefined && { strict }),
  };
}
