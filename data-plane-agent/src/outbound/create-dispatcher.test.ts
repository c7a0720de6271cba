import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDispatcher, type Reach } from './create-dispatcher.ts';
import { certificates } from './test-certificates.ts';
import { startTestProxy, type TestProxy } from './test-proxy.ts';
import { createTrust } from './trust.ts';

const servers: { close(): unknown }[] = [];
const proxies: TestProxy[] = [];
let securePort = 0;
let strictPort = 0;
let plainPort = 0;

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const answer = (text: string) => (_incoming: unknown, outgoing: { end(body: string): void }) =>
    outgoing.end(text);
  securePort = await listen(createHttpsServer(certificates.server, answer('secure')));
  const strict = {
    ...certificates.server,
    ca: certificates.authority,
    requestCert: true,
    rejectUnauthorized: true,
  };
  strictPort = await listen(createHttpsServer(strict, answer('strict')));
  plainPort = await listen(
    createHttpServer((incoming, outgoing) => {
      if (incoming.url === '/redirect') outgoing.writeHead(302, { location: '/elsewhere' });
      outgoing.end('plain');
    }),
  );
});
afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close();
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function proxy(credential?: { user: string; password: string }): Promise<TestProxy> {
  const hosts = { 'upstream.example:443': securePort, 'upstream.example:80': plainPort };
  const started = await startTestProxy(hosts, credential);
  proxies.push(started);
  return started;
}

/** The answer's status and text, or the error's code. */
async function ask(origin: string, more: Partial<Reach> = {}, path = '/'): Promise<string> {
  const dispatcher = createDispatcher({
    origin,
    proxy: undefined,
    secureContext: undefined,
    connections: 4,
    connectMs: 2_000,
    refuseMetadata: true,
    ...more,
  });
  try {
    const answer = await dispatcher.request({
      origin,
      path,
      method: 'POST',
      headers: ['x-one', '1'],
      body: 'content',
    });
    return `${answer.statusCode} ${await answer.body.text()}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    await dispatcher.destroy();
  }
}

const trusted = createTrust(certificates.authority).context();

describe('createDispatcher', () => {
  it('does not trust a private authority by itself', async () => {
    expect(await ask(`https://127.0.0.1:${securePort}`)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  });

  it('trusts an extra bundle, and one of a single provider', async () => {
    expect(await ask(`https://127.0.0.1:${securePort}`, { secureContext: trusted })).toBe('200 secure');
    const ofProvider = createTrust().context(certificates.authority);
    expect(await ask(`https://127.0.0.1:${securePort}`, { secureContext: ofProvider })).toBe('200 secure');
  });

  it('still checks names and the usual authorities with an extra bundle', async () => {
    const hosts = await startTestProxy({ 'other.example:443': securePort });
    proxies.push(hosts);
    expect(await ask('https://other.example', { proxy: hosts.url(), secureContext: trusted })).toBe(
      'ERR_TLS_CERT_ALTNAME_INVALID',
    );
  });

  it('shows a client certificate', async () => {
    const origin = `https://127.0.0.1:${strictPort}`;
    const { cert, key } = certificates.client;
    const withClient = createTrust(certificates.authority).context(undefined, { certificate: cert, key });
    expect(await ask(origin, { secureContext: withClient })).toBe('200 strict');
    expect(await ask(origin, { secureContext: trusted })).not.toContain('200');
  });

  it('tunnels https through a proxy that wants a password, and leaves the name to it', async () => {
    const through = await proxy({ user: 'us er', password: 'p@ss:word' });
    const url = through.url(`us%20er:${encodeURIComponent('p@ss:word')}`);
    expect(await ask('https://upstream.example', { proxy: url, secureContext: trusted })).toBe('200 secure');
    expect(through.asked).toEqual(['CONNECT upstream.example:443']);
  });

  it('forwards http through a proxy', async () => {
    const through = await proxy({ user: 'u', password: 'p' });
    expect(await ask('http://upstream.example', { proxy: through.url('u:p') })).toBe('200 plain');
    expect(through.asked).toEqual(['POST http://upstream.example/']);
  });

  it.each(['https://upstream.example', 'http://upstream.example'])(
    'fails when the proxy refuses the password: %s',
    async (origin) => {
      const through = await proxy({ user: 'u', password: 'p' });
      const result = await ask(origin, { proxy: through.url('u:wrong'), secureContext: trusted });
      expect(result).toMatch(/^UND_ERR_/);
    },
  );

  it('fails when the proxy is not there', async () => {
    const gone = await startTestProxy({});
    await gone.close();
    expect(await ask('https://upstream.example', { proxy: gone.url() })).toBe('ECONNREFUSED');
  });

  it('gives up when a proxy accepts and says nothing', async () => {
    const { createServer } = await import('node:net');
    const port = await listen(createServer(() => undefined));
    const result = await ask('https://upstream.example', {
      proxy: `http://127.0.0.1:${port}`,
      connectMs: 50,
    });
    expect(result).toMatch(/^UND_ERR_HEADERS_TIMEOUT/);
  });

  it('refuses metadata services, directly and by name behind a proxy', async () => {
    const through = await proxy();
    expect(await ask('http://169.254.169.254')).toBe('ADDRESS_REFUSED');
    expect(await ask('http://metadata.google.internal', { proxy: through.url() })).toBe('ADDRESS_REFUSED');
    expect(through.asked).toEqual([]);
  });

  it('follows no redirect', async () => {
    expect(await ask(`http://127.0.0.1:${plainPort}`, {}, '/redirect')).toBe('302 plain');
  });
});
