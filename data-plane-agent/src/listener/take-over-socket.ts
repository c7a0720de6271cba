import type { Socket } from 'node:net';

/** What every HTTP/2 connection begins with (RFC 9113 §3.4). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** An error of node's HTTP/1 parser, as `clientError` has it. */
export interface ParserError extends NodeJS.ErrnoException {
  /** The bytes that were being read, and how many of them were understood. */
  rawPacket?: Buffer;
  bytesParsed?: number;
}

/**
 * Whether a connection begins with HTTP/2's preface. Node's parser knows it, stops there, and calls it an error. After a
 * request over HTTP/1 it is one.
 */
export function beginsWithPreface(error: ParserError, socket: Socket): boolean {
  const { code, rawPacket, bytesParsed = 0 } = error;
  if (code !== 'HPE_PAUSED_H2_UPGRADE' || !rawPacket || socket.destroyed) return false;
  return socket.bytesRead - rawPacket.length + bytesParsed === PREFACE.length;
}

const LISTENERS_OF_HTTP1 = ['data', 'drain', 'error', 'timeout', 'pause', 'resume', 'close'];

/**
 * Takes a connection away from node's HTTP/1 server, and puts back what that has read, so that the HTTP/2 server finds
 * it as if it had just been opened.
 *
 * Node does the same by itself for WebSockets only. Its way there: free the parser, which the listener of `close` does, and
 * take all listeners off but the first of `end`, which belongs to the socket.
 */
export function takeOverSocket(socket: Socket, { rawPacket, bytesParsed }: ParserError): void {
  for (const listener of socket.listeners('close')) listener.call(socket, false);
  for (const event of LISTENERS_OF_HTTP1) socket.removeAllListeners(event);
  for (const listener of socket.listeners('end').slice(1)) socket.off('end', listener as () => void);
  // HTTP/1 lets clients close their half early; a connection of HTTP/2 is over then.
  socket.allowHalfOpen = false;
  socket.pause();
  socket.unshift(Buffer.concat([PREFACE, (rawPacket ?? PREFACE).subarray(bytesParsed)]));
}
