import { crc32 } from 'node:zlib';

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
/** The type of a header that holds a string. */
const STRING = 7;

/**
 * Writes one message of an AWS event stream (application/vnd.amazon.eventstream): a prelude of total and headers' length
 * with its CRC32, the headers, the payload, and the CRC32 of all of it.
 *
 * @param headers names and values, all strings
 */
export function writeAwsEvent(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => writeHeader(name, value)));
  const total = PRELUDE_BYTES + head.length + payload.length + CRC_BYTES;
  const message = Buffer.alloc(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, PRELUDE_BYTES);
  payload.copy(message, PRELUDE_BYTES + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, total - CRC_BYTES)), total - CRC_BYTES);
  return message;
}

function writeHeader(name: string, value: string): Buffer {
  const text = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  const key = Buffer.from(name);
  return Buffer.concat([Buffer.of(key.length), key, Buffer.of(STRING), length, text]);
}
