import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';
import type { Dispatcher } from 'undici';

type Controller = Dispatcher.DispatchController;

/** What a test does when its handler is told something, after that was noted. */
export interface Hooks {
  start?(controller: Controller): void;
  head?(controller: Controller): void;
  data?(controller: Controller, chunk: Buffer): void;
  end?(): void;
  error?(error: Error): void;
}

/** A handler that notes what it is told. */
export class TestHandler implements Dispatcher.DispatchHandler {
  readonly told: string[] = [];
  controller: Controller | undefined;
  status = 0;
  headers: Record<string, unknown> = {};
  bytes = 0;
  error: NodeJS.ErrnoException | undefined;
  /** When it is told that it is over. */
  readonly over: Promise<void>;
  private readonly hooks: Hooks;
  private readonly resolve: () => void;
  private readonly chunks: Buffer[] = [];

  constructor(hooks: Hooks = {}) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.hooks = hooks;
    this.over = promise;
    this.resolve = resolve;
  }

  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  onRequestStart(controller: Controller): void {
    this.told.push('start');
    this.controller = controller;
    this.hooks.start?.(controller);
  }

  onResponseStart(controller: Controller, status: number, headers: Record<string, unknown>): void {
    this.told.push('head');
    this.status = status;
    this.headers = headers;
    this.hooks.head?.(controller);
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.told.at(-1) !== 'data') this.told.push('data');
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    this.hooks.data?.(controller, chunk);
  }

  onResponseEnd(): void {
    this.told.push('end');
    this.resolve();
    this.hooks.end?.();
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.told.push('error');
    this.error = error;
    this.resolve();
    this.hooks.error?.(error);
  }
}

/** A request as a server got it. */
export interface Received {
  socket: Socket;
  head: string;
  body: Buffer;
  /** The number of its connection, from 0. */
  connection: number;
}

/** A server of plain bytes, which says what it is told to. */
export interface TestServer {
  origin: string;
  port: number;
  server: Server;
  /** In the order in which they came. */
  sockets: Socket[];
  close(): Promise<void>;
}

/**
 * @param answer called for each request that is complete
 * @param connected called for each connection, before it is read; unless it answers true, which is to read itself
 */
export async function startTestServer(
  answer: (received: Received) => void,
  {
    secure,
    connected,
    host = '127.0.0.1',
  }: { secure?: TlsOptions; connected?(socket: Socket): unknown; host?: string } = {},
): Promise<TestServer> {
  const sockets: Socket[] = [];
  const accept = (socket: Socket) => {
    const connection = sockets.push(socket) - 1;
    socket.on('error', () => undefined);
    if (connected?.(socket) === true) return;
    let held = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      held = Buffer.concat([held, bytes]);
      const end = held.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = held.toString('latin1', 0, end);
      const length = Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
      if (held.length < end + 4 + length) return;
      const body = held.subarray(end + 4, end + 4 + length);
      held = held.subarray(end + 4 + length);
      answer({ socket, head, body, connection });
    });
  };
  const server: Server = secure ? createSecureServer(secure, accept) : createServer(accept);
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    origin: `${secure ? 'https' : 'http'}://${name}:${port}`,
    port,
    server,
    sockets,
    async close() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

/** An answer with a length. */
export function whole(body: string, ...lines: string[]): string {
  return ['HTTP/1.1 200 OK', `content-length: ${body.length}`, ...lines, '', body].join('\r\n');
}

/** Lets everything that is due in the event loop happen; waits for no time. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Until something is so; the test's own time limit says how long that may take. */
export async function until(isSo: () => unknown): Promise<void> {
  while (!isSo()) await turns(1);
}
