import { crc32 } from 'node:zlib';
import type { Framing } from '../serving/framing.ts';

const stringType = 7;
const checksumBytes = 4;
const preludeBytes = 8;

/**
 * One message of AWS's event stream, https://smithy.io/2.0/aws/amazon-eventstream.html: total length, length of the
 * headers, their CRC; headers; payload; CRC of all before it.
 */
export function encodeEventMessage(headers: Record<string, string>, payload: string): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, value]) => encodeHeader(name, value)));
  const body = Buffer.from(payload);
  const total = preludeBytes + checksumBytes + head.length + body.length + checksumBytes;
  const message = Buffer.alloc(total);
  message.writeUInt32BE(total, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, preludeBytes)), preludeBytes);
  head.copy(message, preludeBytes + checksumBytes);
  body.copy(message, preludeBytes + checksumBytes + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, total - checksumBytes)), total - checksumBytes);
  return message;
}

function encodeHeader(name: string, value: string): Buffer {
  const nameBytes = Buffer.from(name);
  const valueBytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([
    Buffer.from([nameBytes.length]),
    nameBytes,
    Buffer.from([stringType]),
    length,
    valueBytes,
  ]);
}

function eventMessage(name: string | undefined, data: string): Buffer {
  const headers = {
    ':event-type': name ?? 'chunk',
    ':content-type': 'application/json',
    ':message-type': 'event',
  };
  return encodeEventMessage(headers, data);
}

const exceptions: Record<number, string> = {
  400: 'validationException',
  408: 'modelTimeoutException',
  424: 'modelStreamErrorException',
  429: 'throttlingException',
  500: 'internalServerException',
  503: 'serviceUnavailableException',
};

function exceptionMessage(status = 424): Buffer {
  const headers = {
    ':exception-type': exceptions[status] ?? 'internalServerException',
    ':content-type': 'application/json',
    ':message-type': 'exception',
  };
  const message = 'The simulator was asked to fail in mid-stream.';
  const original = status === 424 ? { originalStatusCode: 500, originalMessage: message } : {};
  return encodeEventMessage(headers, JSON.stringify({ message, ...original }));
}

/** The binary stream of ConverseStream: each event's name is a header. */
export const converseFraming: Framing = {
  contentType: 'application/vnd.amazon.eventstream',
  frame: ({ name, data }) => eventMessage(name, data),
  fail: exceptionMessage,
  spoilChecksum: ({ name, data }) => spoil(eventMessage(name, data)),
};

/** The binary stream of InvokeModelWithResponseStream: each event is a `chunk` with base64 bytes. */
export const chunkFraming: Framing = {
  contentType: 'application/vnd.amazon.eventstream',
  frame: ({ data }) => eventMessage('chunk', chunkOf(data)),
  fail: exceptionMessage,
  spoilChecksum: ({ data }) => spoil(eventMessage('chunk', chunkOf(data))),
};

/** `p` is padding, as Bedrock sends it. */
function chunkOf(data: string): string {
  return JSON.stringify({ bytes: Buffer.from(data).toString('base64'), p: 'abcdefgh' });
}

function spoil(message: Buffer): Buffer {
  const last = message.length - 1;
  message.writeUInt8(message.readUInt8(last) ^ 1, last);
  return message;
}
