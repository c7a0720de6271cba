import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { HTTP_SERVER_OPTIONS } from '../../gateway/server/http-server-options.ts';
import { NOT_IN_VALUE } from '../../http1/header-text.ts';

/** Who is told that an answer is complete. */
export interface AnswerOwner {
  /** @param keepAlive whether another request may follow on the connection */
  answered(keepAlive: boolean): void;
}

const KEEP_ALIVE = `Connection: keep-alive\r\nKeep-Alive: timeout=${HTTP_SERVER_OPTIONS.keepAliveTimeout / 1000}\r\n`;
const CLOSE = 'Connection: close\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const LAST_CHUNK = '0\r\n\r\n';
/** Longer ones are not copied behind their head. */
const LARGEST_COPIED = 16 * 1024;

/** An answer over HTTP/1.1: what the gateway uses of node's `ServerResponse`, with the same bytes on the wire. */
export class PlainAnswer {
  readonly joinsBytes = true;
  readonly socket: Socket;
  shouldKeepAlive = true;
  chunkedEncoding = false;
  headersSent = false;
  private readonly owner: AnswerOwner;
  private head: string | undefined;
  private ended = false;
  private onClose: (() => void) | undefined;

  constructor(socket: Socket, owner: AnswerOwner) {
    this.socket = socket;
    this.owner = owner;
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  get writableFinished(): boolean {
    return this.ended && this.socket.writableLength === 0;
  }

  /**
   * @param headers names and values by turns; without a length the body goes out in chunks
   * @throws TypeError for a value that could end a line
   */
  writeHead(status: number, headers: readonly string[] = []): this {
    let lines = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    let hasLength = false;
    for (let index = 0; index + 1 < headers.length; index += 2) {
      const name = headers[index] ?? '';
      const value = headers[index + 1] ?? '';
      if (NOT_IN_VALUE.test(value))
        throw new TypeError(`the header ${name} has a character that no header may have`);
      if (name === 'content-length') hasLength = true;
      lines += `${name}: ${value}\r\n`;
    }
    this.chunkedEncoding = !hasLength;
    this.headersSent = true;
    this.head = lines;
    return this;
  }

  /** False when the client reads more slowly than this writes; `drain` follows then. */
  write(bytes: Buffer): boolean {
    return this.writePiece(bytes, '');
  }

  /** @param body with a length that the head said, where it is text: of one byte each */
  end(body?: Buffer | string): this {
    if (this.ended) return this;
    this.ended = true;
    const last = this.chunkedEncoding ? LAST_CHUNK : '';
    if (typeof body === 'object' && body.length > 0) this.writePiece(body, last);
    else {
      const text = `${this.takeHead()}${typeof body === 'string' ? body : ''}${last}`;
      if (text !== '') this.socket.write(text, 'latin1');
    }
    this.owner.answered(this.shouldKeepAlive);
    return this;
  }

  destroy(): this {
    this.socket.destroy();
    return this;
  }

  /** Told when the connection goes away under the answer. */
  on(_event: 'close', listener: () => void): this {
    this.onClose = listener;
    return this;
  }

  once(event: 'drain', listener: () => void): this {
    this.socket.once(event, listener);
    return this;
  }

  /** The connection went away. */
  closed(): void {
    this.onClose?.();
  }

  /** The head where it has not left yet, bytes in their frame, and what ends the body: as one piece where that is cheaper. */
  private writePiece(bytes: Buffer, last: string): boolean {
    const size = this.chunkedEncoding ? `${bytes.length.toString(16)}\r\n` : '';
    const before = this.takeHead() + size;
    const behind = (this.chunkedEncoding ? '\r\n' : '') + last;
    const { socket } = this;
    if (bytes.length <= LARGEST_COPIED) {
      const piece = Buffer.allocUnsafe(before.length + bytes.length + behind.length);
      piece.write(before, 'latin1');
      bytes.copy(piece, before.length);
      piece.write(behind, before.length + bytes.length, 'latin1');
      return socket.write(piece);
    }
    socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    let ready = socket.write(bytes);
    if (behind !== '') ready = socket.write(behind, 'latin1');
    socket.uncork();
    return ready;
  }

  private takeHead(): string {
    if (this.head === undefined) return '';
    const framing = this.chunkedEncoding ? CHUNKED : '';
    const head = `${this.head}Date: ${httpDate()}\r\n${this.shouldKeepAlive ? KEEP_ALIVE : CLOSE}${framing}\r\n`;
    this.head = undefined;
    return head;
  }
}

let dateSecond = 0;
let dateText = '';

/** The time as RFC 9110 §5.6.7 wants it, made once a second. */
function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
