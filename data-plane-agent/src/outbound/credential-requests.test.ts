import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createChooseProxy } from './choose-proxy.ts';
import { type CredentialRequest, createCredentialRequests } from './credential-requests.ts';
import { certificates } from './test-certificates.ts';
import { startTestProxy } from './test-proxy.ts';
import { createTrust } from './trust.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serve(
  handler: (incoming: IncomingMessage, outgoing: ServerResponse) => void,
  secure = false,
): Promise<number> {
  const server = secure ? createHttpsServer(certificates.server, handler) : createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function requests(httpProxy?: string, noProxy: string[] = []) {
  const made = createCredentialRequests({
    chooseProxy: createChooseProxy({ httpsProxy: undefined, httpProxy, noProxy }),
    trust: createTrust(),
  });
  ends.push(() => made.close());
  const send = (more: Partial<CredentialRequest>) =>
    made.send({ url: '', method: 'GET', headers: {}, place: 'network', ...more });
  return send;
}

describe('createCredentialRequests', () => {
  it('sends what it is given and reads the whole answer', async () => {
    let seen = '';
    const port = await serve(async (incoming, outgoing) => {
      for await (const piece of incoming) seen += piece;
      seen += `|${incoming.method}|${incoming.url}|${incoming.headers['x-a']}`;
      outgoing.writeHead(403, { 'x-b': 'c' }).end('no');
    });
    const url = `http://127.0.0.1:${port}/p?q=1`;
    const answer = await requests()({ url, method: 'POST', headers: { 'x-a': '1' }, body: 'form' });
    expect(answer).toMatchObject({ status: 403, body: 'no', headers: { 'x-b': 'c' } });
    expect(seen).toBe('form|POST|/p?q=1|1');
  });

  it('follows no redirect', async () => {
    let asked = 0;
    const port = await serve((_incoming, outgoing) => {
      asked++;
      outgoing.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect((await requests()({ url: `http://127.0.0.1:${port}/` })).status).toBe(302);
    expect(asked).toBe(1);
  });

  it('asks once more when a server stumbles or breaks off, and not more', async () => {
    let asked = 0;
    const port = await serve((incoming, outgoing) => {
      asked++;
      if (asked === 1) return void outgoing.writeHead(500).end();
      if (incoming.url === '/well') return void outgoing.end('well');
      incoming.socket.destroy();
    });
    const send = requests();
    expect((await send({ url: `http://127.0.0.1:${port}/well` })).body).toBe('well');
    await expect(send({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({ code: 'unreachable' });
    expect(asked).toBe(4);
  });

  it('stops at an answer without end', async () => {
    const port = await serve((_incoming, outgoing) => {
      const fill = () => {
        while (outgoing.write(Buffer.alloc(65_536)));
      };
      outgoing.on('drain', fill);
      fill();
    });
    const sent = requests()({ url: `http://127.0.0.1:${port}/` });
    await expect(sent).rejects.toMatchObject({ code: 'too_large' });
  });

  it('goes by the proxy, with the authorities of the provider; services of the machine are asked directly', async () => {
    const secure = await serve((_incoming, outgoing) => outgoing.end('secure'), true);
    const plain = await serve((_incoming, outgoing) => outgoing.end('plain'));
    const proxy = await startTestProxy({ 'upstream.example:443': secure });
    ends.push(() => proxy.close());
    const send = requests(proxy.url());
    const there = { url: 'https://upstream.example/token', ca: certificates.authority };
    expect((await send(there)).body).toBe('secure');
    expect(proxy.asked).toEqual(['CONNECT upstream.example:443']);
    expect((await send({ url: `http://127.0.0.1:${plain}/`, place: 'machine' })).body).toBe('plain');
    expect(proxy.asked).toHaveLength(1);
    await expect(send({ ...there, proxy: 'direct' })).rejects.toMatchObject({ code: 'unreachable' });
    await expect(send({ url: there.url })).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('asks no metadata service for anybody else', async () => {
    for (const url of ['http://169.254.169.254/latest', 'http://metadata.google.internal/']) {
      await expect(requests()({ url })).rejects.toMatchObject({ code: 'unreachable' });
    }
  });
});
