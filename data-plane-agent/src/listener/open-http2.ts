import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { constants, createServer, type ServerOptions } from 'node:http2';
import type { Socket } from 'node:net';
import { Http2Incoming, Http2Outgoing } from './http2-messages.ts';
import { Http2Sessions, type Http2Timeouts } from './http2-sessions.ts';

/** Limits of one HTTP/2 connection; what is not named here has a bound in node already. */
const HTTP2_OPTIONS = {
  settings: {
    /** Requests at once: a client opens another connection for more. */
    maxConcurrentStreams: 128,
    /** How much of a body may be under way before it was read. */
    initialWindowSize: 256 * 1024,
  },
  maxHeaderListPairs: 200,
  /** Frames that break the protocol, and streams that were refused, until the connection is closed. */
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  /** Streams that a client opens and resets at once: so many together, then so many a second (CVE-2023-44487). */
  streamResetBurst: 1_000,
  streamResetRate: 33,
  /** Megabytes, of which nearly all are answers that the client has not read yet: beyond it new requests are refused. */
  maxSessionMemory: 128,
  Http2ServerRequest: Http2Incoming,
  Http2ServerResponse: Http2Outgoing,
} satisfies ServerOptions<never, never, typeof Http2Incoming, typeof Http2Outgoing>;

export interface Http2Limits extends Http2Timeouts {
  /** Requests at once on all connections together: as many as HTTP/1 could have on so many connections. */
  requests: number;
  /** Bytes of a request's head; nghttp2 takes 64 KB at most. */
  headerLimit: number;
}

/** The part of a port that speaks HTTP/2. It does not listen: connections are handed to it. */
export interface Http2Side {
  adopt(socket: Socket): void;
  /** Says GOAWAY on every connection: what is under way is answered, new requests go elsewhere. */
  stopAccepting(): void;
  /** Closes every connection. */
  close(): void;
}

/** Serves HTTP/2 on connections that are handed over, by the same handler as HTTP/1. */
export function openHttp2(handler: RequestListener, limits: Http2Limits): Http2Side {
  const server = createServer(HTTP2_OPTIONS);
  const sessions = new Http2Sessions(server, limits);
  server.on('request', (incoming: Http2Incoming, outgoing: Http2Outgoing) => {
    if (sessions.requests > limits.requests) incoming.stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else if (headBytes(incoming.rawHeaders) > limits.headerLimit) outgoing.refuse(431);
    // Node's compatible classes, completed by ours, stand for its classes of HTTP/1.
    else
      handler(
        incoming as unknown as IncomingMessage,
        outgoing as unknown as ServerResponse & { req: IncomingMessage },
      );
  });
  server.on('connect', (_incoming: Http2Incoming, outgoing: Http2Outgoing) => outgoing.refuse(405));
  // Errors of one connection or client; without a listener they would end the process.
  server.on('sessionError', () => {});
  server.on('error', () => {});
  return {
    adopt: (socket) => sessions.adopt(socket),
    stopAccepting: () => sessions.stop(),
    close: () => sessions.destroy(),
  };
}

/** As HTTP/1 would have written it: a colon, a space and an end to each line. */
function headBytes(rawHeaders: readonly string[]): number {
  let bytes = 0;
  for (const text of rawHeaders) bytes += text.length + 2;
  return bytes;
}
