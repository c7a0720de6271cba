import type { StreamFrame } from '../../../framing/stream-frame.ts';
import { readJsonRecord } from '../../../metering/read-json-record.ts';

/**
 * Takes the model's own JSON out of a chunk of InvokeModelWithResponseStream, whose payload is `{"bytes": base64, "p": …}`;
 * `p` is padding that hides the length from onlookers.
 *
 * @returns undefined for a frame that is no chunk, and for one that holds none
 */
export function readInvokeChunk(frame: StreamFrame): Buffer | undefined {
  if (frame.exception || frame.event !== 'chunk') return undefined;
  const bytes = readJsonRecord(frame.data)?.bytes;
  return typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : undefined;
}
