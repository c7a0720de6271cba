import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { MediaQuery } from '../gateway/ports.ts';
import { createChooseProxy } from './choose-proxy.ts';
import { createMediaFetcher } from './fetch-media.ts';
import type { MediaFetcherOptions } from './media-connection.ts';
import { certificates } from './test-certificates.ts';
import { startTestProxy } from './test-proxy.ts';
import { createTrust } from './trust.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

async function serve(handler: Handler, secure = false): Promise<number> {
  const server = secure ? createHttpsServer(certificates.server, handler) : createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const image: Handler = (_incoming, outgoing) =>
  outgoing.writeHead(200, { 'content-type': 'Image/PNG; charset=x' }).end('pixels');

/** Names and addresses of the tests' own network: 127.0.0.1 stands for a public address. */
const NAMES: Record<string, string[]> = {
  'upstream.example': ['127.0.0.1'],
  'private.example': ['10.0.0.1'],
  'mixed.example': ['127.0.0.1', '10.0.0.1'],
  'empty.example': [],
};

function fetcher(more: Partial<MediaFetcherOptions> = {}) {
  const resolved: string[] = [];
  const made = createMediaFetcher({
    allowed: 'http',
    proxy: 'allow',
    limitBytes: 1_000,
    timeoutMs: 5_000,
    chooseProxy: createChooseProxy({ httpsProxy: undefined, httpProxy: undefined, noProxy: [] }),
    trust: createTrust(certificates.authority),
    resolve: async (name) => {
      resolved.push(name);
      const addresses = NAMES[name];
      if (!addresses) throw new Error('ENOTFOUND');
      return addresses.map((address) => ({ address, family: 4 }));
    },
    mayConnect: (address) => address === '127.0.0.1',
    ...more,
  });
  const fetch = (url: string, query: Partial<MediaQuery> = {}) =>
    made.fetch({ url, classes: ['image'], ...query });
  return { fetch, resolved };
}

describe('createMediaFetcher', () => {
  it('fetches over https, resolves once, and connects to what was resolved', async () => {
    const port = await serve(image, true);
    const { fetch, resolved } = fetcher({ allowed: 'https' });
    const media = await fetch(`https://upstream.example:${port}/a.png?b=c`);
    expect(media).toEqual({ bytes: Buffer.from('pixels'), mediaType: 'image/png' });
    expect(resolved).toEqual(['upstream.example']);
  });

  it('checks the certificate against the name and not the address', async () => {
    const port = await serve(image, true);
    NAMES['other.example'] = ['127.0.0.1'];
    expect(await fetcher().fetch(`https://other.example:${port}/`)).toEqual({ failure: 'unreachable' });
  });

  it('sends nothing but what the address asks for', async () => {
    let headers: IncomingMessage['headers'] = {};
    const port = await serve((incoming, outgoing) => {
      ({ headers } = incoming);
      outgoing.setHeader('set-cookie', 'a=b');
      image(incoming, outgoing);
    });
    await fetcher().fetch(`http://upstream.example:${port}/`);
    await fetcher().fetch(`http://upstream.example:${port}/`);
    expect(Object.keys(headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  it.each([
    ['http://private.example/', 'address_refused'],
    ['http://mixed.example/', 'address_refused'],
    ['http://empty.example/', 'unreachable'],
    ['http://unknown.example/', 'unreachable'],
    ['ftp://upstream.example/', 'invalid_url'],
    ['file:///etc/passwd', 'invalid_url'],
    ['http://user:password@upstream.example/', 'invalid_url'],
    ['data:image/png;base64,AAAA', 'invalid_url'],
    ['nonsense', 'invalid_url'],
    [`https://upstream.example/${'x'.repeat(9_000)}`, 'invalid_url'],
  ])('refuses %s', async (url, failure) => expect(await fetcher().fetch(url)).toEqual({ failure }));

  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://localhost/',
    'http://127.1./',
    'http://10.0.0.1:8080/',
  ])('refuses %s by the real rules', async (url) => {
    const { fetch } = fetcher({ mayConnect: undefined, resolve: undefined });
    expect(await fetch(url)).toEqual({ failure: 'address_refused' });
  });

  it.each([
    ['https', 'http://upstream.example/'],
    ['off', 'https://upstream.example/'],
  ] as const)('where %s is allowed, %s is not', async (allowed, url) => {
    expect(await fetcher({ allowed }).fetch(url)).toEqual({ failure: 'not_allowed' });
  });

  it('follows three redirects, each looked at like the first', async () => {
    const port = await serve((incoming, outgoing) => {
      const [, left, to] = /^\/(\d)\/(.*)$/.exec(incoming.url ?? '') ?? [];
      if (left === '0' && !to) return image(incoming, outgoing);
      const location = left === '0' ? decodeURIComponent(to ?? '') : `/${Number(left) - 1}/${to}`;
      outgoing.writeHead(302, { location }).end();
    });
    const start = `http://upstream.example:${port}`;
    const { fetch } = fetcher();
    expect(await fetch(`${start}/3/`)).toMatchObject({ mediaType: 'image/png' });
    expect(await fetch(`${start}/4/`)).toEqual({ failure: 'too_many_redirects' });
    const to = (url: string) => fetch(`${start}/1/${encodeURIComponent(url)}`);
    expect(await to('http://169.254.169.254/')).toEqual({ failure: 'address_refused' });
    expect(await to('http://private.example/')).toEqual({ failure: 'address_refused' });
    expect(await to('file:///etc/passwd')).toEqual({ failure: 'invalid_url' });
    const strict = fetcher({ allowed: 'https' });
    const secure = await serve(
      (_incoming, outgoing) => outgoing.writeHead(302, { location: start }).end(),
      true,
    );
    expect(await strict.fetch(`https://upstream.example:${secure}/`)).toEqual({ failure: 'not_allowed' });
  });

  it('limits the size by what is announced and by what comes', async () => {
    const port = await serve((incoming, outgoing) => {
      outgoing.setHeader('content-type', 'image/png');
      if (incoming.url === '/announced') {
        outgoing.setHeader('content-length', 1_001);
        return outgoing.flushHeaders();
      }
      outgoing.write(Buffer.alloc(1_001));
      if (incoming.url !== '/endless') outgoing.end();
    });
    for (const path of ['announced', 'chunked', 'endless']) {
      expect(await fetcher().fetch(`http://upstream.example:${port}/${path}`)).toEqual({
        failure: 'too_large',
      });
    }
    const url = `http://upstream.example:${port}/chunked`;
    expect(await fetcher({ limitBytes: 2_000 }).fetch(url)).toMatchObject({ mediaType: 'image/png' });
    const smaller = await fetcher({ limitBytes: 2_000 }).fetch(url, { limitBytes: 500 });
    expect(smaller).toEqual({ failure: 'too_large' });
    const full = await fetcher({ limitBytes: 2_000 }).fetch(url, { reserve: () => false });
    expect(full).toEqual({ failure: 'no_room' });
  });

  it.each([
    [{ 'content-type': 'text/html' }, ['image', 'pdf'], 'type_refused'],
    [{ 'content-type': 'image/png', 'content-encoding': 'gzip' }, ['image'], 'type_refused'],
    [{}, ['image'], 'type_refused'],
    [{ 'content-type': 'application/pdf' }, ['pdf'], undefined],
    [{ 'content-type': 'audio/wav' }, ['audio'], undefined],
    [{ 'content-type': 'text/plain' }, ['text'], undefined],
  ] as const)('%j where %j is wanted: %s', async (headers, classes, failure) => {
    const port = await serve((_incoming, outgoing) => outgoing.writeHead(200, headers).end('x'));
    const media = await fetcher().fetch(`http://upstream.example:${port}/`, { classes });
    expect(media).toEqual(
      failure ? { failure } : { bytes: Buffer.from('x'), mediaType: headers['content-type' as never] },
    );
  });

  it('takes no other status than 200', async () => {
    for (const status of [204, 206, 304, 404, 500]) {
      const port = await serve((_incoming, outgoing) => outgoing.writeHead(status).end());
      expect(await fetcher().fetch(`http://upstream.example:${port}/`)).toEqual({
        failure: 'status_refused',
      });
    }
  });

  it('ends when its time is over, or the client has gone', async () => {
    const port = await serve(() => undefined);
    const url = `http://upstream.example:${port}/`;
    expect(await fetcher({ timeoutMs: 20 }).fetch(url)).toEqual({ failure: 'timed_out' });
    expect(await fetcher().fetch(url, { signal: AbortSignal.abort() })).toEqual({ failure: 'cancelled' });
    const slow = fetcher({ timeoutMs: 20, resolve: () => new Promise(() => undefined) });
    expect(await slow.fetch(url)).toEqual({ failure: 'timed_out' });
  });

  describe('behind a proxy', () => {
    async function behind(more: Partial<MediaFetcherOptions> = {}) {
      const port = await serve(image, true);
      const proxy = await startTestProxy({ 'upstream.example:443': port });
      ends.push(() => proxy.close());
      const chooseProxy = createChooseProxy({ httpsProxy: proxy.url(), httpProxy: undefined, noProxy: [] });
      return { ...fetcher({ chooseProxy, ...more }), proxy };
    }

    it('lets the proxy resolve the name', async () => {
      const { fetch, resolved, proxy } = await behind();
      expect(await fetch('https://upstream.example/')).toMatchObject({ mediaType: 'image/png' });
      expect(proxy.asked).toEqual(['CONNECT upstream.example:443']);
      expect(resolved).toEqual([]);
    });

    it.each([
      'https://10.0.0.1/',
      'https://localhost/',
      'https://intranet/',
      'https://a.internal./',
      'https://metadata.goog/',
    ])('refuses %s, which shows what it is', async (url) => {
      const { fetch, proxy } = await behind();
      expect(await fetch(url)).toEqual({ failure: 'address_refused' });
      expect(proxy.asked).toEqual([]);
    });

    it('can be forbidden', async () => {
      const { fetch } = await behind({ proxy: 'refuse' });
      expect(await fetch('https://upstream.example/')).toEqual({ failure: 'not_allowed' });
    });
  });
});
