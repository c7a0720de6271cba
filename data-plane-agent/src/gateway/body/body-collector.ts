import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';
import type { HeldBody } from './decompress.ts';
import type { HeldBytes } from './held-bytes.ts';

const COLLECTOR = Symbol('collector');
type Collected = IncomingMessage & { [COLLECTOR]?: BodyCollector };

/**
 * Collects a request's body as it arrives. The listeners are the same four functions for all requests: closures for each
 * one cost more than the reading itself, since they keep finished requests alive until the next full collection. They stay
 * where they are when the body is over, and then do nothing: taking them off costs as much as putting them on.
 */
export class BodyCollector implements HeldBody {
  private readonly incoming: Collected;
  private readonly held: HeldBytes;
  private chunks: Buffer[] = [];
  private over = false;
  private resolve: ((body: HeldBody) => void) | undefined;
  private reject: ((error: GatewayError) => void) | undefined;
  bytes: Buffer = EMPTY;

  constructor(incoming: IncomingMessage, held: HeldBytes) {
    this.incoming = incoming;
    this.held = held;
  }

  collect(): Promise<HeldBody> {
    return new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
      this.listen();
    });
  }

  release(): void {
    this.held.release();
  }

  add(chunk: Buffer): void {
    if (this.over) return;
    try {
      this.held.add(chunk.length);
      this.chunks.push(chunk);
    } catch (error) {
      this.fail(error instanceof GatewayError ? error : new GatewayError('internal_error', { cause: error }));
    }
  }

  finish(): void {
    if (this.over) return;
    this.over = true;
    const [first] = this.chunks;
    this.bytes = first !== undefined && this.chunks.length === 1 ? first : Buffer.concat(this.chunks);
    this.chunks = [];
    this.resolve?.(this);
  }

  fail(error: GatewayError): void {
    if (this.over) return;
    this.over = true;
    this.incoming.pause();
    this.chunks = [];
    this.held.release();
    this.reject?.(error);
  }

  /** The connection closed: at the end of every request, and then it means nothing. */
  close(): void {
    if (!this.over) this.fail(new GatewayError('client_closed'));
  }

  private listen(): void {
    const { incoming } = this;
    incoming[COLLECTOR] = this;
    incoming.on('data', onData).on('end', onEnd).on('error', onClosed).on('close', onClosed);
    // A client that went before this was called emits nothing any more.
    if (incoming.destroyed && !incoming.complete) this.close();
  }
}

const EMPTY = Buffer.alloc(0);

function onData(this: Collected, chunk: Buffer): void {
  this[COLLECTOR]?.add(chunk);
}

function onEnd(this: Collected): void {
  this[COLLECTOR]?.finish();
}

function onClosed(this: Collected): void {
  this[COLLECTOR]?.close();
}
