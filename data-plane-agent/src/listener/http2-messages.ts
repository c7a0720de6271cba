import {
  constants,
  Http2ServerRequest,
  Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { ReadableOptions } from 'node:stream';

/**
 * A request over HTTP/2 that keeps the promises of node's `IncomingMessage` where node's own compatible class does not:
 *
 * - `rawHeaders` hold no pseudo headers (`:path` and the like), which are no headers of a request.
 * - `complete` means that the whole request has come; node says so of an aborted one, too.
 * - `destroyed` becomes true when the client gives the request up; in node it never does.
 */
export class Http2Incoming extends Http2ServerRequest {
  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    options: ReadableOptions,
    rawHeaders: readonly string[],
  ) {
    super(stream, headers, options, withoutPseudoHeaders(rawHeaders));
  }

  /** Gives up this request; the session goes on. */
  override destroy(): this {
    this.stream.close(constants.NGHTTP2_CANCEL);
    return this;
  }
}

/**
 * An answer over HTTP/2 that keeps the promises of node's `ServerResponse` where node's own compatible class does not:
 *
 * - `destroyed` is there, and becomes true when the client gives the request up.
 * - `writableFinished` is not true of an answer that was cut off.
 * - `destroy` tells the client that the answer is not whole; node's says that all is well.
 * - `shouldKeepAlive` set to false means that nothing more is read once the answer is out: here of this request alone.
 */
export class Http2Outgoing extends Http2ServerResponse {
  override destroy(): this {
    this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    return this;
  }

  /** Answers with a status alone. A body is thrown away as it comes: left unread it would take up the connection's window. */
  refuse(status: number): void {
    this.req.resume();
    this.writeHead(status).end();
  }
}

/** Whether all of a request has come, read or not. */
export function hasWholeRequest(stream: ServerHttp2Stream): boolean {
  return stream.readableEnded || stream.endAfterHeaders || stream.state?.remoteClose === 1;
}

/** They stand before all others (RFC 9113 §8.3); a request where they do not is refused before it comes here. */
function withoutPseudoHeaders(rawHeaders: readonly string[]): readonly string[] {
  let first = 0;
  while (rawHeaders[first]?.startsWith(':')) first += 2;
  return rawHeaders.slice(first);
}

function isGone(this: Http2Incoming | Http2Outgoing): boolean {
  return this.stream.destroyed || this.stream.closed;
}

// Node's types call these properties, which a class may not override by accessors.
Object.defineProperties(Http2Incoming.prototype, {
  destroyed: { get: isGone },
  complete: {
    get(this: Http2Incoming): boolean {
      return this.readableEnded || hasWholeRequest(this.stream);
    },
  },
});
Object.defineProperties(Http2Outgoing.prototype, {
  destroyed: { get: isGone },
  shouldKeepAlive: {
    set(this: Http2Outgoing, keep: boolean): void {
      const { stream } = this;
      // Tells the client to send no more of its request (RFC 9113 §8.1).
      if (!keep) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
    },
  },
  writableFinished: {
    get(this: Http2Outgoing): boolean {
      return this.stream.writableFinished && !this.stream.aborted;
    },
  },
});
