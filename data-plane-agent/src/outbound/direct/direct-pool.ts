import { Dispatcher } from 'undici';
import type { Reach } from '../create-dispatcher.ts';
import {
  type ConnectionOwner,
  DirectConnection,
  ExchangeController,
  type Sending,
  tellError,
} from './direct-connection.ts';
import { hintedMs, KeptTime } from './kept-time.ts';
import type { TlsSession } from './open-socket.ts';

/** The pool was closed, so that it takes no requests any more. */
class PoolClosedError extends Error {
  override readonly name = 'PoolClosedError';
  readonly code = 'POOL_CLOSED';

  constructor() {
    super('the connections to this provider were closed');
  }
}

const SWEEP_MS = 500;

/**
 * Connections of HTTP/1.1 straight to one origin, as a dispatcher of undici's kind. It does on the hot path what undici's
 * own pool does with a third of the work: see docs/decisions/direct-connections.md. Bodies are text or bytes.
 *
 * A connection that has done a request takes the next one only in the event loop's next phase, once what the server may
 * have sent behind the answer was seen.
 */
export class DirectPool extends Dispatcher implements ConnectionOwner {
  readonly #reach: Reach;
  readonly #session: TlsSession = { ticket: undefined };
  readonly #kept = new KeptTime();
  readonly #all = new Set<DirectConnection>();
  /** The one used last is used next, so that those which are not needed run out of time. */
  readonly #idle: DirectConnection[] = [];
  #waiting: Sending[] = [];
  #freed: DirectConnection[] = [];
  #connecting = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #closed: PoolClosedError | undefined;
  #onEmpty: (() => void)[] = [];

  constructor(reach: Reach) {
    super();
    this.#reach = reach;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const sending = { options, handler };
    if (this.#closed) {
      refuse(sending, this.#closed);
      return false;
    }
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      if (!idle.usable) continue;
      if (!idle.send(sending)) this.ready(idle);
      return true;
    }
    this.#waiting.push(sending);
    this.#open();
    return true;
  }

  /** Takes no new requests, and ends when those that were taken have. */
  override async close(): Promise<void> {
    this.#closed ??= new PoolClosedError();
    for (const idle of this.#idle.splice(0)) idle.break(this.#closed);
    await this.#emptied();
  }

  override async destroy(): Promise<void> {
    this.#closed ??= new PoolClosedError();
    for (const sending of this.#waiting.splice(0)) refuse(sending, this.#closed);
    for (const connection of this.#all) connection.break(this.#closed);
    await this.#emptied();
  }

  opened(connection: DirectConnection): void {
    this.#connecting -= 1;
    this.ready(connection);
  }

  ready(connection: DirectConnection): void {
    if (this.#freed.push(connection) === 1) setImmediate(reclaim, this);
  }

  /** What ended one connection may have ended the others, so that a second try must not meet one of them. */
  lost(): void {
    for (const idle of this.#idle.splice(0)) idle.break(new PoolClosedError());
  }

  gone(connection: DirectConnection, error: Error): void {
    this.#all.delete(connection);
    const place = this.#idle.indexOf(connection);
    if (place !== -1) {
      this.#idle.splice(place, 1);
      this.#kept.closedAfter(connection.idleSweeps * SWEEP_MS, performance.now());
    }
    if (!connection.stands) this.#connecting -= 1;
    if (!connection.proven) {
      // It may be the ticket that the server stumbles over.
      this.#session.ticket = undefined;
      // One request for each connection that was tried: the next may meet a server that is back.
      const sending = this.#waiting.shift();
      if (sending) refuse(sending, error);
    }
    this.#open();
    if (this.#isEmpty()) for (const done of this.#onEmpty.splice(0)) done();
  }

  /** For the immediate alone. */
  reclaim(): void {
    const freed = this.#freed;
    this.#freed = [];
    for (const connection of freed) this.#use(connection);
    this.#open();
  }

  /** For the timer alone. */
  sweep(): void {
    const unhinted = this.#kept.unhinted(performance.now());
    for (const idle of [...this.#idle]) {
      idle.idleSweeps += 1;
      const { keepAliveSeconds } = idle;
      const kept = keepAliveSeconds === undefined ? unhinted : hintedMs(keepAliveSeconds);
      if (idle.idleSweeps * SWEEP_MS >= kept) this.#drop(idle);
    }
    if (this.#idle.length > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #use(connection: DirectConnection): void {
    if (connection.usable) connection.proven = true;
    while (this.#waiting.length > 0 && connection.usable) {
      const next = this.#waiting.shift();
      if (next && connection.send(next)) return;
    }
    if (!connection.usable) return;
    const { keepAliveSeconds } = connection;
    if (this.#closed || (keepAliveSeconds !== undefined && hintedMs(keepAliveSeconds) <= 0))
      return connection.break(this.#closed ?? new PoolClosedError());
    connection.idleSweeps = 0;
    this.#idle.push(connection);
    this.#sweeper ??= setInterval(sweep, SWEEP_MS, this).unref();
  }

  #drop(idle: DirectConnection): void {
    const place = this.#idle.indexOf(idle);
    if (place !== -1) this.#idle.splice(place, 1);
    idle.break(new PoolClosedError());
  }

  /** Opens as many connections as requests wait for and none is on its way to, within the limit. */
  #open(): void {
    while (
      this.#connecting + this.#freed.length < this.#waiting.length &&
      this.#all.size < this.#reach.connections
    ) {
      this.#connecting += 1;
      this.#all.add(new DirectConnection(this.#reach, this.#session, this));
    }
  }

  #isEmpty(): boolean {
    return this.#all.size === 0 && this.#waiting.length === 0;
  }

  async #emptied(): Promise<void> {
    if (this.#isEmpty()) return;
    await new Promise<void>((resolve) => this.#onEmpty.push(resolve));
  }
}

function reclaim(pool: DirectPool): void {
  pool.reclaim();
}

function sweep(pool: DirectPool): void {
  pool.sweep();
}

function refuse({ handler }: Sending, error: Error): void {
  tellError(handler, new ExchangeController(), error);
}
