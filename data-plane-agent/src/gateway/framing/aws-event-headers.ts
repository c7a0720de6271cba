import { FramingError, type StreamFrame } from './stream-frame.ts';

/** Bytes of a header's value by its type; -1: two bytes of length stand before it. */
const VALUE_BYTES: readonly number[] = [0, 0, 1, 2, 4, 8, -1, -1, 8, 16];
const STRING = 7;
const COLON = 0x3a;

/** The headers that say what a message is. Others, and their types, are of no matter here. */
interface EventHeaders {
  messageType: string | undefined;
  eventType: string | undefined;
  exceptionType: string | undefined;
  errorCode: string | undefined;
  errorMessage: string | undefined;
}

/**
 * Reads a message whose checksums are good. Exceptions (`:message-type` exception) are modelled errors with a JSON payload;
 * errors (`error`) have code and sentence in headers and get a payload of the same form.
 *
 * @param message all of it, prelude and checksum too
 * @param start where its headers begin; @param headersEnd where they end; @param end where its payload ends
 * @throws FramingError
 */
export function readAwsEvent(message: Buffer, start: number, headersEnd: number, end: number): StreamFrame {
  const headers = readHeaders(message, start, headersEnd);
  const data = message.subarray(headersEnd, end);
  if (headers.messageType === 'exception') {
    return { event: headers.exceptionType, exception: true, data, bytes: message };
  }
  if (headers.messageType === 'error') {
    const said = Buffer.from(JSON.stringify({ message: headers.errorMessage ?? '' }));
    return { event: headers.errorCode, exception: true, data: said, bytes: message };
  }
  return { event: headers.eventType, exception: false, data, bytes: message };
}

function readHeaders(message: Buffer, start: number, end: number): EventHeaders {
  const found: EventHeaders = {
    messageType: undefined,
    eventType: undefined,
    exceptionType: undefined,
    errorCode: undefined,
    errorMessage: undefined,
  };
  let at = start;
  while (at < end) {
    const nameStart = at + 1;
    const nameEnd = nameStart + (message[at] ?? 0);
    const type = message[nameEnd] ?? -1;
    const fixed = VALUE_BYTES[type];
    let valueStart = nameEnd + 1;
    if (nameEnd === nameStart || valueStart > end || fixed === undefined) throw malformed();
    let length = fixed;
    if (fixed === -1) {
      if (valueStart + 2 > end) throw malformed();
      length = message.readUInt16BE(valueStart);
      valueStart += 2;
    }
    at = valueStart + length;
    if (at > end) throw malformed();
    if (type === STRING && message[nameStart] === COLON) {
      keep(found, message.toString('latin1', nameStart, nameEnd), message, valueStart, at);
    }
  }
  return found;
}

function malformed(): FramingError {
  return new FramingError('the headers of a message are malformed');
}

function keep(found: EventHeaders, name: string, message: Buffer, start: number, end: number): void {
  switch (name) {
    case ':message-type':
      found.messageType = message.toString('latin1', start, end);
      break;
    case ':event-type':
      found.eventType = message.toString('utf8', start, end);
      break;
    case ':exception-type':
      found.exceptionType = message.toString('utf8', start, end);
      break;
    case ':error-code':
      found.errorCode = message.toString('utf8', start, end);
      break;
    case ':error-message':
      found.errorMessage = message.toString('utf8', start, end);
      break;
  }
}
