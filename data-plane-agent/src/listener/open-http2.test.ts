import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type ClientHttp2Session, constants } from 'node:http2';
import { request } from 'node:https';
import { type AddressInfo, connect as connectTcp, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { certificates } from '../outbound/test-certificates.ts';
import { openHttp2 } from './open-http2.ts';
import { type Listener, type ListenerOptions, openListener } from './open-listener.ts';
import { ask, openSession, readAnswer } from './test-http2-client.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const echo: RequestListener = (incoming, outgoing) => {
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  incoming.on('end', () => {
    const said = { version: incoming.httpVersion, method: incoming.method, url: incoming.url, bytes };
    outgoing.writeHead(200, ['content-type', 'application/json', 'x-raw', incoming.rawHeaders.join(' ')]);
    outgoing.end(JSON.stringify(said));
  });
};

async function open(more: Partial<ListenerOptions> = {}): Promise<Listener> {
  const listener = await openListener({
    address: { host: '127.0.0.1', port: 0 },
    setting: 'BONITO_LISTEN',
    handler: echo,
    connectionLimit: 100,
    headerLimit: 8192,
    http2: true,
    ...more,
  });
  ends.push(() => listener.close());
  return listener;
}

function session(url: string, options = {}): ClientHttp2Session {
  const client = openSession(url, options);
  ends.unshift(() => client.destroy());
  return client;
}

/** What a connection begins with, and empty settings. */
const PREFACE = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

describe('HTTP/2 on the listener', () => {
  it('is spoken without TLS by prior knowledge, beside HTTP/1 on the same port', async () => {
    const { url } = await open();
    const client = session(url);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask(client, { ':method': 'POST', ':path': `/${index}` }, Buffer.alloc(100_000)),
      ),
    );
    expect(answers.map(({ text }) => JSON.parse(text))).toEqual(
      answers.map((_, index) => ({ version: '2.0', method: 'POST', url: `/${index}`, bytes: 100_000 })),
    );
    expect(await (await fetch(url)).json()).toMatchObject({ version: '1.1' });
  });

  it('is chosen by ALPN over TLS, and HTTP/1 by those who do not know it', async () => {
    const tls = { cert: certificates.server.cert, key: certificates.server.key };
    const { url, renew } = await open({ tls });
    const client = session(url, { ca: certificates.authority });
    expect(JSON.parse((await ask(client, { ':path': '/a' })).text)).toMatchObject({ version: '2.0' });
    const plain = await new Promise<string>((resolve) => {
      request(url, { ca: certificates.authority }, async (answer) => {
        resolve(Buffer.concat(await Array.fromAsync(answer)).toString());
      }).end();
    });
    expect(JSON.parse(plain)).toMatchObject({ version: '1.1' });
    renew(tls);
    const renewed = session(url, { ca: certificates.authority });
    expect((await ask(renewed, { ':path': '/b' })).status).toBe(200);
  });

  it.each([1, 3, 18, 24, 30])('finds the preface however it is cut: every %i bytes', async (size) => {
    const { port } = await open();
    const socket = connectTcp(port, '127.0.0.1').setNoDelay(true);
    ends.unshift(() => socket.destroy());
    for (let at = 0; at < PREFACE.length; at += size) {
      socket.write(PREFACE.subarray(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const [answer] = (await once(socket, 'data')) as [Buffer];
    // A settings frame: its type is the fourth byte.
    expect(answer[3]).toBe(4);
  });

  it('takes no preface after a request over HTTP/1, and answers what is neither as node does', async () => {
    const { port } = await open();
    const said = async (bytes: string) => {
      const socket = connectTcp(port, '127.0.0.1');
      ends.unshift(() => socket.destroy());
      socket.write(bytes);
      let text = '';
      for await (const chunk of socket) text += chunk;
      return text;
    };
    const first = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    expect(await said(`${first}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`)).not.toContain('\u0004');
    expect(await said('NOTHING\r\n\r\n')).toBe('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    expect(await said(`GET / HTTP/1.1\r\nHost: a\r\nx: ${'x'.repeat(9_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
  });

  it('is not spoken where it was not asked for', async () => {
    const { url } = await open({ http2: false });
    expect(await ask(session(url), { ':path': '/' })).toMatchObject({ status: undefined });
  });

  it('keeps pseudo headers from what may be forwarded, and ignores trailers', async () => {
    const client = session((await open()).url);
    const stream = client.request(
      { ':method': 'POST', ':path': '/', 'x-one': '1' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-late': '2' }));
    stream.end('body');
    const answer = await readAnswer(stream);
    expect(answer.headers['x-raw']).toBe('x-one 1');
    expect(answer.text).toContain('"bytes":4');
  });

  it('takes a body as text of one byte each', async () => {
    const handler: RequestListener = (_incoming, outgoing) => {
      outgoing.end(Buffer.from('grüß dich').toString('latin1'), 'latin1');
    };
    const client = session((await open({ handler })).url);
    expect((await ask(client, { ':path': '/' })).text).toBe('grüß dich');
  });

  it('leaves the body out for HEAD, and keeps its length', async () => {
    const handler: RequestListener = (_incoming, outgoing) => {
      outgoing.writeHead(200, ['content-length', '6']).end('served');
    };
    const client = session((await open({ handler })).url);
    expect(await ask(client, { ':method': 'HEAD', ':path': '/' })).toMatchObject({
      status: 200,
      text: '',
      headers: { 'content-length': '6' },
    });
  });
});

describe('the end of a listener', () => {
  const tls = { cert: certificates.server.cert, key: certificates.server.key };

  it.each([{}, { tls }])('waits for no client: %o', async (more) => {
    const { port, url, stopAccepting, close } = await open({ ...more, handler: () => {} });
    const silent = connectTcp(port, '127.0.0.1');
    await once(silent, 'connect');
    const client = session(url, { ca: certificates.authority });
    const asked = ask(client, { ':path': '/' });
    await once(client, 'remoteSettings');
    stopAccepting();
    await close();
    expect((await asked).status).toBe(undefined);
    silent.destroy();
  });

  it.each([{}, { tls }])('sends what is complete: %o', async (more) => {
    const handler: RequestListener = (_incoming, outgoing) => outgoing.end(Buffer.alloc(5_000_000, 32));
    const { url, stopAccepting, close } = await open({ ...more, handler });
    const client = session(url, { ca: certificates.authority });
    const stream = client.request({ ':path': '/' });
    await once(stream, 'response');
    stopAccepting();
    const closed = close(10_000);
    expect((await readAnswer(stream)).text.length).toBe(5_000_000);
    await closed;
  });
});

describe('limits of HTTP/2', () => {
  it('refuses a head that is too large, before and after the client knows the limits, and goes on', async () => {
    const client = session((await open()).url);
    for (let round = 0; round < 2; round++) {
      expect((await ask(client, { ':path': '/', large: 'x'.repeat(9_000) })).status).toBe(431);
      expect((await ask(client, { ':path': '/', large: 'x'.repeat(7_000) })).status).toBe(200);
    }
    for (let round = 0; round < 5; round++) {
      const upload = { ':method': 'POST', ':path': '/', large: 'x'.repeat(9_000) };
      expect((await ask(client, upload, Buffer.alloc(3_000_000))).status).toBe(431);
    }
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x-${index}`, '1']));
    const refused = await ask(client, { ':path': '/', ...many });
    expect(refused).toMatchObject({ status: undefined, code: constants.NGHTTP2_ENHANCE_YOUR_CALM });
    expect((await ask(client, { ':path': '/' })).status).toBe(200);
  });

  it('refuses a WebSocket by extended CONNECT, and any other CONNECT', async () => {
    const client = session((await open()).url);
    await once(client, 'remoteSettings');
    expect(client.remoteSettings.enableConnectProtocol).not.toBe(true);
    expect((await ask(client, { ':method': 'CONNECT', ':authority': 'a:1' })).status).toBe(405);
    expect((await ask(client, { ':path': '/' })).status).toBe(200);
  });

  it('says how many requests a connection may have at once', async () => {
    const client = session((await open()).url);
    await once(client, 'remoteSettings');
    expect(client.remoteSettings.maxConcurrentStreams).toBe(128);
  });

  it('refuses more requests in all than HTTP/1 could have, for the client to try again', async () => {
    const waiting: (() => void)[] = [];
    const handler: RequestListener = (_incoming, outgoing) => waiting.push(() => outgoing.end('served'));
    const { url } = await open({ handler, connectionLimit: 3 });
    const [one, two] = [session(url), session(url)];
    const first = [ask(one, { ':path': '/' }), ask(one, { ':path': '/' }), ask(two, { ':path': '/' })];
    await expect.poll(() => waiting.length).toBe(3);
    expect(await ask(two, { ':path': '/' })).toMatchObject({
      status: undefined,
      code: constants.NGHTTP2_REFUSED_STREAM,
    });
    for (const answer of waiting.splice(0)) answer();
    for (const answer of await Promise.all(first)) expect(answer.text).toBe('served');
    const again = ask(two, { ':path': '/' });
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.();
    expect((await again).text).toBe('served');
  });

  it('ends a connection whose client opens and resets without end', async () => {
    let begun = 0;
    const { url } = await open({ handler: () => begun++ });
    const client = session(url);
    const closed = new Promise((resolve) => client.on('close', resolve));
    let sent = 0;
    const send = () => {
      for (let index = 0; index < 100 && !client.destroyed && sent < 20_000; index++) {
        sent++;
        const stream = client.request({ ':path': '/' });
        stream.on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      if (!client.destroyed && sent < 20_000) setImmediate(send);
    };
    send();
    await closed;
    expect(sent).toBeLessThan(20_000);
    expect(begun).toBeLessThan(5_000);
  });

  it('keeps no connection whose client does not close it', async () => {
    const http2 = openHttp2(echo, { requests: 9, headerLimit: 8192, requestTimeout: 50, idleTimeout: 40 });
    const server = createServer((socket) => http2.adopt(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true }).resume();
    socket.on('error', () => {});
    socket.write(PREFACE);
    await once(server, 'connection');
    const open = () =>
      new Promise((resolve) => server.getConnections((_error, connections) => resolve(connections)));
    await expect.poll(open).toBe(0);
    socket.destroy();
    http2.close();
    server.close();
  });

  it('takes many large answers at once, and many large bodies', async () => {
    const size = 1_000_000;
    const handler: RequestListener = (incoming, outgoing) => {
      incoming.resume().on('end', () => outgoing.end(Buffer.alloc(size, 32)));
    };
    const client = session((await open({ handler, connectionLimit: 500 })).url, { maxSessionMemory: 4_000 });
    const post = { ':method': 'POST', ':path': '/' };
    const answers = await Promise.all(
      Array.from({ length: 120 }, () => ask(client, post, Buffer.alloc(size))),
    );
    expect(answers.filter(({ text, code }) => text.length !== size || code !== 0)).toEqual([]);
  });

  it('closes connections without a request, and requests that never come whole, and nothing else', async () => {
    const late: (() => void)[] = [];
    const handler: RequestListener = (incoming, outgoing) => {
      if (incoming.url === '/waits') late.push(() => outgoing.end('served'));
      else incoming.resume();
    };
    const http2 = openHttp2(handler, { requests: 9, headerLimit: 8192, requestTimeout: 50, idleTimeout: 40 });
    const server = createServer((socket) => http2.adopt(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => {
      http2.close();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const idle = session(url);
    const patient = session(url);
    const waiting = ask(patient, { ':path': '/waits' });
    const slow = patient.request({ ':method': 'POST', ':path': '/slow' });
    slow.write('{');
    expect(await readAnswer(slow)).toMatchObject({ code: constants.NGHTTP2_CANCEL });
    await expect.poll(() => idle.destroyed).toBe(true);
    expect(patient.destroyed).toBe(false);
    for (const answer of late) answer();
    expect((await waiting).text).toBe('served');
    await expect.poll(() => patient.destroyed).toBe(true);
  });

  it('survives floods of settings and pings', async () => {
    const { url, port } = await open();
    const socket = connectTcp(port, '127.0.0.1');
    ends.unshift(() => socket.destroy());
    socket.on('error', () => {});
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const ping = Buffer.from([0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    // The client does not read, so that acknowledgements pile up on the other side.
    socket.pause();
    const flood = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.concat([settings, ping])));
    for (let round = 0; round < 20 && !socket.destroyed; round++) {
      if (socket.write(flood)) continue;
      await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
    }
    socket.resume();
    await expect.poll(() => socket.destroyed, { timeout: 5_000 }).toBe(true);
    expect((await fetch(url)).status).toBe(200);
  });
});
