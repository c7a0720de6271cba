import { editTopLevel, type FieldEdit } from '../json/replace-field.ts';
import type { ParsedRequest } from './request-context.ts';

/**
 * The bytes for one target: the client's own, with the model's name as the provider knows it and, where the gateway wants
 * the usage chunk of a stream, with the option for it. Everything else stays byte for byte. Pure: a retry makes the same.
 *
 * @param addUsage ask for the usage chunk though the client did not
 */
export function upstreamBody(parsed: ParsedRequest, upstreamModel: string, addUsage: boolean): Buffer {
  const edits: FieldEdit[] = [];
  if (upstreamModel !== parsed.model) edits.push({ field: 'model', json: JSON.stringify(upstreamModel) });
  if (addUsage) {
    const options = { ...parsed.streamOptions, include_usage: true };
    edits.push({ field: 'stream_options', json: JSON.stringify(options) });
  }
  return edits.length === 0 ? parsed.bytes : editTopLevel(parsed.bytes, edits);
}
