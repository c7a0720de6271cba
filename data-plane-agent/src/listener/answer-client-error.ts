import type { Socket } from 'node:net';
import type { ParserError } from './take-over-socket.ts';

const STATUS_OF_CODE: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** A socket with the answer that node's server is giving on it. */
type ServedSocket = Socket & { _httpMessage?: { headersSent: boolean } | null };

/**
 * Answers what is no request of HTTP/1, as node does where no one listens for `clientError`, and closes the connection. Nothing is
 * written to a connection that broke, or into the middle of an answer.
 */
export function answerClientError(error: ParserError, socket: ServedSocket): void {
  const status =
    STATUS_OF_CODE[error.code ?? ''] ?? (error.code?.startsWith('HPE_') ? '400 Bad Request' : undefined);
  if (status && socket.writable && !socket._httpMessage?.headersSent)
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
  socket.destroy(error);
}
