import type { Socket } from 'node:net';
import type { Dispatcher } from 'undici';
import type { Reach } from '../create-dispatcher.ts';
import { type AnswerEvents, AnswerParser } from './answer-parser.ts';
import type { AnswerHeaders } from './header-lines.ts';
import { ConnectTimeoutError, openSocket, type TlsSession } from './open-socket.ts';
import { RequestFramingError, requestHead } from './request-head.ts';

/** A request that waits to be sent, and who is told of its answer. */
export interface Sending {
  readonly options: Dispatcher.DispatchOptions;
  readonly handler: Dispatcher.DispatchHandler;
}

/** The pool that a connection belongs to. */
export interface ConnectionOwner {
  /** It stands. */
  opened(connection: DirectConnection): void;
  /** It has done its request and can take another. */
  ready(connection: DirectConnection): void;
  /** The other side breaks it off under a request, though it has done one before. */
  lost(): void;
  /** It is gone. @param error what it failed with, or was ended for */
  gone(connection: DirectConnection, error: Error): void;
}

/** The other side ended the connection before the answer was complete. */
class OtherSideClosedError extends Error {
  override readonly name = 'OtherSideClosedError';
  readonly code = 'OTHER_SIDE_CLOSED';
}

/** Bodies up to this size are copied behind their head, which is cheaper than writing two pieces. */
const LARGEST_COPIED = 16 * 1024;

/** Lets the caller of one request slow down or end it; does nothing once that is over. */
export class ExchangeController implements Dispatcher.DispatchController {
  aborted = false;
  paused = false;
  reason: Error | null = null;
  /** Set while the request is under way. */
  connection: DirectConnection | undefined = undefined;

  abort(reason: Error): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.connection?.break(reason);
  }

  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.connection?.socket.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.connection?.socket.resume();
  }
}

/** One connection, which carries one request at a time. */
export class DirectConnection implements AnswerEvents {
  readonly socket: Socket;
  /** Sweeps that it was seen without a request; the pool's to count. */
  idleSweeps = 0;
  /** Whether it was ever good for a request; the pool's to say. */
  proven = false;
  /** Whether it stood, be it for a moment. */
  stands = false;
  private readonly owner: ConnectionOwner;
  private readonly host: string;
  private readonly parser = new AnswerParser(this);
  private handler: Dispatcher.DispatchHandler | undefined;
  private controller: ExchangeController | undefined;
  private connectTimer: NodeJS.Timeout | undefined;
  private failure: Error | undefined;
  /** Of the body, from the bytes that are being read. */
  private pieces: Buffer[] = [];

  constructor(reach: Reach, session: TlsSession, owner: ConnectionOwner) {
    this.owner = owner;
    this.host = new URL(reach.origin).host;
    this.socket = openSocket(reach, session, (bytes) => this.received(bytes));
    this.connectTimer = setTimeout(() => this.break(new ConnectTimeoutError()), reach.connectMs);
    this.socket
      .once(reach.origin.startsWith('https:') ? 'secureConnect' : 'connect', () => this.connected())
      .on('error', (error) => {
        this.failure ??= error;
      })
      .on('end', () => this.ended())
      .on('close', () => this.closed());
  }

  /** What the server says about how long it keeps the connection, in seconds. */
  get keepAliveSeconds(): number | undefined {
    return this.parser.keepAliveSeconds;
  }

  /** Whether a request may be sent on it. */
  get usable(): boolean {
    return this.stands && !this.handler && !this.socket.destroyed && this.socket.writable;
  }

  /** Sends a request. Answers false when it was given up or could not be sent: then the connection is still free. */
  send({ options, handler }: Sending): boolean {
    const controller = new ExchangeController();
    const { method, path, headers } = options;
    try {
      const body = bytesOf(options.body);
      const head = requestHead(method, path, this.host, headers, body?.length);
      handler.onRequestStart?.(controller, undefined);
      if (controller.aborted) throw controller.reason;
      this.parser.expect(method === 'HEAD');
      this.write(head, body);
    } catch (error) {
      tellError(handler, controller, asError(error));
      return false;
    }
    controller.connection = this;
    this.handler = handler;
    this.controller = controller;
    if (controller.paused) this.socket.pause();
    return true;
  }

  /** Ends it now, and what goes on over it with the reason. */
  break(reason: Error): void {
    this.failure ??= reason;
    this.socket.destroy();
    this.fail(reason);
  }

  head(status: number, headers: AnswerHeaders): void {
    if (this.controller) this.handler?.onResponseStart?.(this.controller, status, headers as never, '');
  }

  /** Servers send each event of a stream as a chunk of its own: all that came at once goes on as one. */
  data(chunk: Buffer): void {
    this.pieces.push(chunk);
  }

  end(): void {
    this.deliver();
    const { controller, handler, socket } = this;
    // Its handler gave it up, and with it the connection.
    if (!controller || !handler) return;
    this.release();
    // What is still being written belongs to a request that was answered before it was complete.
    if (!this.parser.keepAlive || socket.writableLength > 0) socket.destroy();
    else {
      if (controller.paused) socket.resume();
      this.owner.ready(this);
    }
    try {
      handler.onResponseEnd?.(controller, {});
    } catch (error) {
      tellError(handler, controller, asError(error));
    }
  }

  private write(head: string, bytes: Buffer | undefined): void {
    if (!bytes) this.socket.write(head, 'latin1');
    else if (bytes.length <= LARGEST_COPIED) {
      const whole = Buffer.allocUnsafe(head.length + bytes.length);
      whole.write(head, 'latin1');
      bytes.copy(whole, head.length);
      this.socket.write(whole);
    } else {
      this.socket.cork();
      this.socket.write(head, 'latin1');
      this.socket.write(bytes);
      this.socket.uncork();
    }
  }

  private connected(): void {
    clearTimeout(this.connectTimer);
    this.stands = true;
    this.owner.opened(this);
  }

  private received(bytes: Buffer): void {
    let failure: Error | undefined;
    try {
      this.parser.feed(bytes);
    } catch (error) {
      failure = asError(error);
    }
    try {
      this.deliver();
    } catch (error) {
      failure ??= asError(error);
    }
    if (failure) this.break(failure);
  }

  private deliver(): void {
    const [first] = this.pieces;
    if (!first) return;
    // The pieces lie in memory that is read into again.
    const bytes = this.pieces.length === 1 ? Buffer.from(first) : Buffer.concat(this.pieces);
    this.pieces = [];
    if (this.controller) this.handler?.onResponseData?.(this.controller, bytes);
  }

  private ended(): void {
    this.failure ??= new OtherSideClosedError('the other side closed the connection');
    if (this.parser.close()) return;
    this.socket.destroy();
  }

  private closed(): void {
    clearTimeout(this.connectTimer);
    const error = this.failure ?? new OtherSideClosedError('the connection was closed');
    if (this.handler && this.proven) this.owner.lost();
    this.fail(error);
    this.owner.gone(this, error);
  }

  private fail(error: Error): void {
    const { controller, handler } = this;
    this.release();
    if (controller && handler) tellError(handler, controller, error);
  }

  private release(): void {
    if (this.controller) this.controller.connection = undefined;
    this.handler = undefined;
    this.controller = undefined;
  }
}

/**
 * Tells a handler that its request failed. One that throws even then has nobody left to be told by: that is raised as an
 * uncaught error of its own, so that the connections of others stay in order.
 */
export function tellError(
  handler: Dispatcher.DispatchHandler,
  controller: ExchangeController,
  error: Error,
): void {
  try {
    handler.onResponseError?.(controller, error);
  } catch (thrown) {
    queueMicrotask(() => {
      throw thrown;
    });
  }
}

/** @throws RequestFramingError for a body whose length is not known */
function bytesOf(body: Dispatcher.DispatchOptions['body']): Buffer | undefined {
  if (body === undefined || body === null) return undefined;
  if (Buffer.isBuffer(body)) return body;
  if (typeof body === 'string') return Buffer.from(body);
  throw new RequestFramingError('a body must be text or a buffer');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
