import type { ServerResponse } from 'node:http';
import type { Framing } from '../framing/stream-frame.ts';

/** Names and values by turns. */
export type HeaderList = readonly string[];

const STREAM_TYPES: Readonly<Record<Framing | 'json', HeaderList>> = {
  json: ['content-type', 'application/json'],
  sse: ['content-type', 'text/event-stream; charset=utf-8'],
  aws: ['content-type', 'application/vnd.amazon.eventstream'],
};

const STREAM_HEAD: HeaderList = [
  'cache-control',
  'no-cache',
  // Proxies of the nginx family would otherwise hold a stream back.
  'x-accel-buffering',
  'no',
];

/** Pieces above this are not copied to be written as one with what frames them. */
const LARGEST_FRAMED = 16 * 1024;

/** An answer that puts head and body together by itself, as bytes; node's does so with text alone. */
type Outgoing = ServerResponse & { readonly joinsBytes?: boolean };

/** Answers whose end is due when the event loop has read everything that has come. */
let due: { outgoing: Outgoing; body: Buffer }[] = [];

/**
 * Ends answers together and not each as it is made: writing to a connection wakes its reader, and one that was woken a moment
 * ago need not be woken again. That is a tenth of a request's CPU under load, and nothing where there is no load.
 */
function endTogether(body: Buffer, outgoing: ServerResponse): void {
  if (due.push({ outgoing, body }) === 1) setImmediate(endDue);
}

function endDue(): void {
  const list = due;
  due = [];
  for (const { outgoing, body } of list) {
    if (outgoing.joinsBytes || body.length > LARGEST_FRAMED) outgoing.end(body);
    // As text of one byte each, which goes out with the head as one piece.
    else outgoing.end(body.toString('latin1'), 'latin1');
  }
}

const CRLF = '\r\n';

/**
 * A piece of a body as a chunk (RFC 9112 §7.1) in one buffer. Left to itself, node writes size, line end, piece and line end
 * as four; an event of a stream is so short that this was a quarter of what it cost.
 */
function chunkOf(bytes: Buffer): Buffer {
  const size = bytes.length.toString(16) + CRLF;
  const chunk = Buffer.allocUnsafe(size.length + bytes.length + CRLF.length);
  chunk.write(size, 'latin1');
  bytes.copy(chunk, size.length);
  chunk.write(CRLF, size.length + bytes.length, 'latin1');
  return chunk;
}

/**
 * The answer to one client: its head goes out once, its end comes once. The only place that writes to the connection.
 */
export class ClientAnswer {
  readonly outgoing: ServerResponse;
  readonly requestId: string;
  /** What the client sees; undefined until the head is written. */
  status: number | undefined;
  private streaming = false;
  private closed = false;
  private waiting = false;
  /** The head has left with a first piece of the body. */
  private wroteBody = false;

  constructor(outgoing: ServerResponse, requestId: string) {
    this.outgoing = outgoing;
    this.requestId = requestId;
  }

  get headSent(): boolean {
    return this.status !== undefined;
  }

  /** A stream was opened: what goes wrong from now on is said inside it. */
  get isStream(): boolean {
    return this.streaming;
  }

  /** Nothing more can be said: the answer is complete, or the client is gone. */
  get isOver(): boolean {
    return this.closed || this.outgoing.destroyed;
  }

  /**
   * A complete answer with its body; `headers` carries the content type, and is the caller's to give away.
   *
   * @param finish ends the answer in another way than at the end of this turn
   */
  sendWhole(status: number, headers: string[], body: Buffer, finish = endTogether): void {
    if (this.isOver || this.headSent) return;
    this.status = status;
    this.closed = true;
    headers.push('content-length', String(body.length), 'x-request-id', this.requestId);
    this.outgoing.writeHead(status, headers);
    finish(body, this.outgoing);
  }

  /** The head of a body that follows piece by piece, of a length that the provider gave or nobody knows. */
  startPieces(status: number, headers: HeaderList): void {
    if (this.isOver || this.headSent) return;
    this.status = status;
    this.outgoing.writeHead(status, [...headers, 'x-request-id', this.requestId]);
  }

  /** The head of a stream of events; does nothing when a keep-alive comment has sent it before. */
  startStream(headers: HeaderList, framing: Framing | 'json' = 'sse'): void {
    if (this.isOver || this.headSent) return;
    this.streaming = true;
    this.startPieces(200, [...STREAM_TYPES[framing], ...STREAM_HEAD, ...headers]);
  }

  /** False when the client reads more slowly than this writes: `resume` is called once it has caught up. */
  write(bytes: Buffer, resume?: () => void): boolean {
    // A chunk of nothing would be the body's end.
    if (this.isOver || bytes.length === 0) return true;
    const { outgoing } = this;
    const { socket } = outgoing;
    const framed = socket && outgoing.chunkedEncoding && this.wroteBody && bytes.length <= LARGEST_FRAMED;
    this.wroteBody = true;
    if (framed ? socket.write(chunkOf(bytes)) : outgoing.write(bytes)) return true;
    if (resume && !this.waiting) {
      this.waiting = true;
      (framed ? socket : outgoing).once('drain', () => {
        this.waiting = false;
        resume();
      });
    }
    return false;
  }

  end(bytes?: Buffer): void {
    if (this.isOver) return;
    this.closed = true;
    if (bytes) this.outgoing.end(bytes);
    else this.outgoing.end();
  }

  /** Breaks the connection: the only way to say that a body of a promised length will not be complete. */
  breakOff(): void {
    this.closed = true;
    this.outgoing.destroy();
  }
}
