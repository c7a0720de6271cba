import type { Socket } from 'node:net';
import { PlainAnswer } from './plain-answer.ts';
import { PlainRequest } from './plain-request.ts';
import { type FoundHead, type PlainHead, type PlainLimits, readPlainHead } from './read-plain-head.ts';

/** What a connection needs of its server. */
export interface PlainServer {
  readonly limits: PlainLimits;
  serve(request: PlainRequest, answer: PlainAnswer): void;
  /** Serves the connection with node's own HTTP/1 server from here on. */
  handOver(connection: PlainConnection, bytes: Buffer): void;
  /** Whether so many bytes of a body may wait for the others. */
  mayHold(bytes: number): boolean;
  /** They wait no more. */
  release(bytes: number): void;
  gone(connection: PlainConnection): void;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * One connection on which all requests so far were plain ones. What comes is looked at where a request begins: one that is not
 * plain goes to node's server, and the connection with it.
 */
export class PlainConnection {
  readonly socket: Socket;
  /** Sweeps since it was last used, or since it began to wait for the rest of a body; the server's to count. */
  sweeps = 0;
  private readonly server: PlainServer;
  /** Bytes that came and are not used yet: the begin of a body, or what was sent before the answer to an earlier request. */
  private rest = NOTHING;
  /** Of a request whose body is not whole. */
  private waiting: FoundHead | undefined;
  /** What came of that body since, put together once it is whole. */
  private more: Buffer[] = [];
  private lastHead: PlainHead | undefined;
  private held = 0;
  private answer: PlainAnswer | undefined;
  private isReading = false;
  private isLeaving = false;
  private readonly listeners: readonly [string, (bytes: Buffer) => void][];

  constructor(socket: Socket, server: PlainServer) {
    this.socket = socket;
    this.server = server;
    this.listeners = [
      ['data', (bytes) => this.received(bytes)],
      ['end', () => this.otherSideEnded()],
      ['error', () => socket.destroy()],
      ['close', () => this.closed()],
    ];
    for (const [event, listener] of this.listeners) socket.on(event, listener);
  }

  /** Nothing is under way on it, and all was sent. */
  get isIdle(): boolean {
    return !this.answer && !this.waiting && this.socket.writableLength === 0;
  }

  /** It waits for the rest of a body. */
  get isWaiting(): boolean {
    return this.waiting !== undefined;
  }

  /** Gives the connection to node's server, with the bytes that nobody has answered. */
  handOver(): void {
    for (const [event, listener] of this.listeners) this.socket.off(event, listener);
    this.join();
    this.release();
    this.waiting = undefined;
    this.server.handOver(this, this.rest);
  }

  /** An answer is complete. */
  answered(keepAlive: boolean): void {
    this.answer = undefined;
    this.sweeps = 0;
    if (!keepAlive) return this.leave();
    if (this.rest.length === 0) return;
    this.socket.resume();
    this.read();
  }

  private received(bytes: Buffer): void {
    if (this.isLeaving) return;
    if (this.waiting) return this.receivedMore(bytes, this.waiting);
    this.sweeps = 0;
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    // Sent ahead of the answer: not more of it than one piece.
    if (this.answer) this.socket.pause();
    else this.read();
  }

  private receivedMore(bytes: Buffer, waiting: FoundHead): void {
    this.more.push(bytes);
    this.held += bytes.length;
    if (!this.server.mayHold(bytes.length)) {
      this.held -= bytes.length;
      this.handOver();
    } else if (this.held >= waiting.headBytes + waiting.bodyBytes) {
      this.join();
      this.read();
    }
  }

  private join(): void {
    if (this.more.length === 0) return;
    this.rest = Buffer.concat([this.rest, ...this.more]);
    this.more = [];
  }

  /** Serves what has come, request by request, as long as none has to wait. */
  private read(): void {
    if (this.isReading) return;
    this.isReading = true;
    while (this.rest.length > 0 && !this.answer && !this.isLeaving && !this.socket.destroyed) {
      if (!this.step()) break;
    }
    this.isReading = false;
  }

  /** @returns whether there may be more to do */
  private step(): boolean {
    const found = this.waiting ?? readPlainHead(this.rest, this.server.limits, this.lastHead);
    if (!found) {
      this.handOver();
      return false;
    }
    const { head, headBytes, bodyBytes } = found;
    const end = headBytes + bodyBytes;
    if (this.rest.length < end) return this.hold(found);
    this.lastHead = head;
    this.waiting = undefined;
    this.release();
    const body = this.rest.subarray(headBytes, end);
    this.rest = this.rest.length === end ? NOTHING : this.rest.subarray(end);
    const answer = new PlainAnswer(this.socket, this);
    this.answer = answer;
    this.server.serve(new PlainRequest(head, body, () => this.socket.destroy()), answer);
    return true;
  }

  /** The body is not whole. */
  private hold(found: FoundHead): false {
    if (this.server.mayHold(this.rest.length)) {
      this.held = this.rest.length;
      this.waiting = found;
    } else this.handOver();
    return false;
  }

  private release(): void {
    this.server.release(this.held);
    this.held = 0;
  }

  /** A client that sends nothing more has gone, as node's server sees it too. */
  private otherSideEnded(): void {
    if (this.waiting) this.socket.destroy();
    else this.leave();
  }

  /** Closes the connection when all was sent that is to be sent. */
  private leave(): void {
    this.isLeaving = true;
    this.socket.destroySoon();
  }

  private closed(): void {
    this.release();
    this.server.gone(this);
    const { answer } = this;
    this.answer = undefined;
    answer?.closed();
  }
}
