import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { HTTP_SERVER_OPTIONS } from '../gateway/server/http-server-options.ts';
import { type Http2Incoming, type Http2Outgoing, hasWholeRequest } from './http2-messages.ts';

/** How much of a connection's bodies may be under way before it was read. */
const WINDOW_BYTES = 1024 * 1024;

/** Milliseconds; other ones than those of HTTP/1 are for tests. */
export interface Http2Timeouts {
  /** Until a request has to be there whole. */
  requestTimeout?: number;
  /** Without a request, after which a connection is closed. */
  idleTimeout?: number;
}

type PlainIn = typeof IncomingMessage;
type PlainOut = typeof ServerResponse;
/** With our classes of messages. */
type Server = Http2Server<PlainIn, PlainOut, typeof Http2Incoming, typeof Http2Outgoing>;
type Session = ServerHttp2Session<PlainIn, PlainOut, typeof Http2Incoming, typeof Http2Outgoing>;

interface OpenSession {
  readonly socket: Socket;
  requests: number;
}

/** The HTTP/2 connections of a server, and the requests under way on them; ends those that come to nothing. */
export class Http2Sessions {
  private readonly server: Server;
  private readonly requestTimeout: number;
  private readonly idleTimeout: number;
  private readonly open = new Map<Session, OpenSession>();
  /** With the monotonic milliseconds of their begin. */
  private readonly streams = new Map<ServerHttp2Stream, number>();
  private readonly sweeping: NodeJS.Timeout;
  private adopted: Socket | undefined;
  private stopping = false;

  constructor(server: Server, timeouts: Http2Timeouts) {
    this.server = server;
    this.requestTimeout = timeouts.requestTimeout ?? HTTP_SERVER_OPTIONS.requestTimeout;
    this.idleTimeout = timeouts.idleTimeout ?? HTTP_SERVER_OPTIONS.keepAliveTimeout;
    server.on('session', (session) => this.begin(session));
    server.on('stream', (stream) => this.note(stream));
    const every = Math.min(this.requestTimeout, HTTP_SERVER_OPTIONS.connectionsCheckingInterval);
    this.sweeping = setInterval(() => this.sweep(), every);
    this.sweeping.unref();
  }

  /** Requests under way on all connections together. */
  get requests(): number {
    return this.streams.size;
  }

  adopt(socket: Socket): void {
    this.adopted = socket;
    this.server.emit('connection', socket);
  }

  /** Says GOAWAY on each; closes those without a request. */
  stop(): void {
    this.stopping = true;
    for (const session of this.open.keys()) session.close();
  }

  destroy(): void {
    this.stop();
    clearInterval(this.sweeping);
    for (const session of this.open.keys()) session.destroy();
  }

  /** Called by the server while it adopts a connection. */
  private begin(session: Session): void {
    const { adopted: socket } = this;
    if (!socket) return session.destroy();
    const entry: OpenSession = { socket, requests: 0 };
    this.open.set(session, entry);
    session.on('close', () => this.open.delete(session));
    session.setLocalWindowSize(WINDOW_BYTES);
    // A request may wait long for its provider without a byte: only a connection without any is idle.
    session.setTimeout(this.idleTimeout);
    session.on('timeout', () => {
      if (entry.requests === 0) session.close();
    });
    if (this.stopping) session.close();
  }

  private note(stream: ServerHttp2Stream): void {
    const entry = stream.session && this.open.get(stream.session as Session);
    this.streams.set(stream, performance.now());
    if (entry) entry.requests++;
    stream.on('close', () => {
      this.streams.delete(stream);
      if (entry) entry.requests--;
    });
  }

  private sweep(): void {
    const latest = performance.now() - this.requestTimeout;
    for (const [stream, startedAt] of this.streams)
      if (startedAt < latest && !hasWholeRequest(stream)) stream.close(constants.NGHTTP2_CANCEL);
    // Node waits for the client's end of a connection; one that never ends would keep its place for ever.
    for (const [session, { socket }] of this.open)
      if (session.destroyed && socket.writableLength === 0) socket.destroy();
  }
}
