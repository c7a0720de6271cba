import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import type { Server as SecureServer, TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { Reach } from '../create-dispatcher.ts';
import { certificates } from '../test-certificates.ts';
import { createTrust } from '../trust.ts';
import { DirectPool } from './direct-pool.ts';
import {
  type Received,
  startTestServer,
  TestHandler,
  type TestServer,
  turns,
  until,
  whole,
} from './test-exchange.ts';

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Options = Parameters<typeof startTestServer>[1];

async function serve(answer: (received: Received) => void, options: Options = {}): Promise<TestServer> {
  const server = await startTestServer(answer, { secure: certificates.server, ...options });
  open.push(server);
  return server;
}

const trusted = createTrust(certificates.authority).context();
const HERE = [{ address: '127.0.0.1', family: 4 }];

function poolOf({ origin }: { origin: string }, more: Partial<Reach> = {}): DirectPool {
  const pool = new DirectPool({
    ...{ origin, proxy: undefined, secureContext: trusted, connections: 4, connectMs: 10_000 },
    ...{ refuseMetadata: true, ...more },
  });
  open.unshift({ close: () => pool.destroy() });
  return pool;
}

async function ask(pool: DirectPool, body: string | Buffer = 'question'): Promise<TestHandler> {
  const handler = new TestHandler();
  pool.dispatch({ path: '/', method: 'POST', body }, handler);
  await handler.over;
  await turns();
  return handler;
}

/** Its outcome in a word. */
async function outcome(pool: DirectPool): Promise<string | undefined> {
  const handler = await ask(pool);
  return handler.error?.code ?? handler.body;
}

/** What TLS says of a connection, and then an end to it. */
const report = ({ socket, head }: Received) => {
  const { servername } = socket as TLSSocket & { servername?: string | false };
  const session = (socket as TLSSocket).isSessionReused() ? 'resumed' : 'new';
  const host = /host: (\S*):/.exec(head)?.[1];
  socket.write(
    whole(
      `${session} ${servername || 'unnamed'} ${host} ${(socket as TLSSocket).alpnProtocol}`,
      'connection: close',
    ),
  );
};

describe('DirectPool with TLS', () => {
  it('trusts what it was told to, and nothing else', async () => {
    const server = await serve(report);
    expect(await outcome(poolOf(server))).toBe('new unnamed 127.0.0.1 false');
    expect(await outcome(poolOf(server, { secureContext: undefined }))).toBe(
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    );
    const other = await serve(report, { secure: certificates.secondServer });
    expect(await outcome(poolOf(other, { secureContext: undefined }))).toBe(
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    );
  });

  it('offers HTTP/1.1 and nothing newer', async () => {
    const server = await serve(report, {
      secure: { ...certificates.server, ALPNProtocols: ['h2', 'http/1.1'] },
    });
    expect(await outcome(poolOf(server))).toBe('new unnamed 127.0.0.1 http/1.1');
  });

  it('asks for the name of the origin, and checks it', async () => {
    const { port } = await serve(report);
    const pool = (host: string) => poolOf({ origin: `https://${host}:${port}` }, { addresses: HERE });
    expect(await outcome(pool('upstream.example'))).toBe('new upstream.example upstream.example false');
    expect(await outcome(pool('other.example'))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  it.runIf(addresses.some(({ address }) => address === '::1'))('reaches addresses of IPv6', async () => {
    expect(await outcome(poolOf(await serve(report, { host: '::1' })))).toBe('new unnamed [::1] false');
  });

  it.runIf(process.platform === 'linux')('checks addresses as it checks names', async () => {
    const server = await serve(report, { host: '127.0.0.2' });
    expect(await outcome(poolOf(server))).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'resumes sessions, until the server forgets them: %s',
    async (version) => {
      const server = await serve(report, { secure: { ...certificates.server, maxVersion: version } });
      const pool = poolOf(server);
      expect(await outcome(pool)).toMatch(/^new/);
      expect(await outcome(pool)).toMatch(/^resumed/);
      (server.server as SecureServer).setTicketKeys(randomBytes(48));
      expect(await outcome(pool)).toMatch(/^new/);
      expect(await outcome(pool)).toMatch(/^resumed/);
    },
  );

  it('begins anew after a connection that did not stand', async () => {
    let refuse = false;
    const server = await serve(report, {
      secure: { ...certificates.server, maxVersion: 'TLSv1.2' },
    });
    server.server.prependListener('connection', (socket) => {
      if (refuse) socket.destroy();
    });
    const pool = poolOf(server);
    expect(await outcome(pool)).toMatch(/^new/);
    refuse = true;
    expect(await outcome(pool)).toMatch(/ECONNRESET|OTHER_SIDE_CLOSED/);
    refuse = false;
    expect(await outcome(pool)).toMatch(/^new/);
  });

  it('does not resume what was never verified', async () => {
    const { port } = await serve(report, { secure: { ...certificates.server, maxVersion: 'TLSv1.2' } });
    const pool = poolOf({ origin: `https://other.example:${port}` }, { addresses: HERE });
    for (let count = 0; count < 3; count++) expect(await outcome(pool)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('shows a client certificate, and fails once for a server that wants another', async () => {
    const secure = {
      ...certificates.server,
      ca: certificates.authority,
      requestCert: true,
      rejectUnauthorized: true,
    };
    const server = await serve(report, { secure });
    const { cert, key } = certificates.client;
    const withClient = createTrust(certificates.authority).context(undefined, { certificate: cert, key });
    expect(await outcome(poolOf(server, { secureContext: withClient }))).toMatch(/^new/);
    expect((await ask(poolOf(server))).error).toBeInstanceOf(Error);
  });

  it('fails for a server that does not speak TLS', async () => {
    const server = await startTestServer(() => undefined, {
      connected: (socket) => socket.write('HTTP/1.1 400 No\r\n\r\n'),
    });
    open.push(server);
    const pool = poolOf({ origin: server.origin.replace('http:', 'https:') });
    expect((await ask(pool)).error?.code).toMatch(/^ERR_SSL/);
    expect(server.sockets).toHaveLength(1);
  });

  it('sends and reads large bodies whole', async () => {
    const size = 8 * 1024 * 1024;
    const server = await serve(({ socket }) => void socket.write(whole('a'.repeat(size))), {
      connected(socket) {
        let got = 0;
        socket.on('data', (bytes: Buffer) => {
          got += bytes.length;
          if (got > size) socket.write(whole('b'.repeat(size)));
          if (got > size) got = -size * 4;
        });
        return true;
      },
    });
    const handler = await ask(poolOf(server), Buffer.alloc(size, 'x'));
    expect(handler.bytes).toBe(size);
  });

  it('stops reading while the handler is paused', async () => {
    const size = 24 * 1024 * 1024;
    const server = await serve(({ socket }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size));
    });
    const handler = new TestHandler({ data: (controller) => controller.pause() });
    poolOf(server).dispatch({ path: '/', method: 'POST', body: '' }, handler);
    await until(() => handler.bytes > 0);
    // What was decrypted by then still comes.
    await turns();
    const before = handler.bytes;
    expect(before).toBeLessThan(1024 * 1024);
    await turns(200);
    expect(handler.bytes).toBe(before);
    while (handler.told.at(-1) !== 'end') {
      handler.controller?.resume();
      await turns(1);
    }
    expect(handler.bytes).toBe(size);
  });
});
