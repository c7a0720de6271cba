import type { IncomingMessage, ServerResponse } from 'node:http';

/** A body up to this length is simply read away, and the connection kept. */
const SHORT_BODY_BYTES = 64 * 1024;
/** How much, and for how long, is read away of a longer one. */
const MOST_BYTES = 128 * 1024 * 1024;
const LONGEST_MS = 10_000;

/**
 * Prepares an answer that goes out before the request's body was read to its end. Called before the head is written; the
 * result ends the answer.
 *
 * A client that is still sending would meet a reset connection, and never see the answer, if it was closed under its hands
 * (RFC 9112 §9.6). So the answer is sent whole, what still comes is thrown away within bounds, and then the connection
 * is closed.
 */
export function endBeforeBody(incoming: IncomingMessage, outgoing: ServerResponse): (body: Buffer) => void {
  if (incoming.complete || !announcesBody(incoming)) return (body) => outgoing.end(body);
  if (Number(incoming.headers['content-length']) <= SHORT_BODY_BYTES) {
    return (body) => {
      incoming.resume();
      outgoing.end(body);
    };
  }
  outgoing.shouldKeepAlive = false;
  return (body) => {
    outgoing.write(body);
    readAway(incoming, () => outgoing.end());
  };
}

function announcesBody(incoming: IncomingMessage): boolean {
  // There a body needs no header that announces it.
  if (incoming.httpVersionMajor >= 2) return true;
  const { 'content-length': length, 'transfer-encoding': encoding } = incoming.headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}

function readAway(incoming: IncomingMessage, done: () => void): void {
  let bytes = 0;
  const finish = () => {
    clearTimeout(timer);
    incoming.off('data', onData).off('end', finish).off('close', finish);
    done();
  };
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) finish();
  };
  const timer = setTimeout(finish, LONGEST_MS);
  incoming.on('data', onData).on('end', finish).on('close', finish).on('error', finish).resume();
}
