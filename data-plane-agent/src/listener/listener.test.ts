import { once } from 'node:events';
import { copyFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { certificatePath, certificates } from '../outbound/test-certificates.ts';
import { type Listener, type ListenerOptions, openListener } from './open-listener.ts';
import { readPem, readTlsFiles } from './read-pem.ts';
import { reloadFiles } from './reload-files.ts';

const opened: Listener[] = [];
afterEach(async () => {
  for (const listener of opened.splice(0)) await listener.close();
});

async function open(more: Partial<ListenerOptions> = {}): Promise<Listener> {
  const listener = await openListener({
    address: { host: '127.0.0.1', port: 0 },
    setting: 'BONITO_LISTEN',
    handler: (_incoming, outgoing) => outgoing.end('served'),
    connectionLimit: 100,
    headerLimit: 8192,
    ...more,
  });
  opened.push(listener);
  return listener;
}

/** The common name of the certificate that a new connection was served with, or an error's code. */
function servedBy(port: number, client?: { cert: string; key: string }): Promise<string> {
  return new Promise((resolve) => {
    const agent = new Agent({ keepAlive: false, maxCachedSessions: 0 });
    const asked = request(
      { port, host: '127.0.0.1', agent, ca: certificates.authority, ...client },
      (answer) => {
        resolve(String((answer.socket as TLSSocket).getPeerCertificate().subject.CN));
        answer.resume();
      },
    );
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    asked.end();
  });
}

const secure = { cert: certificates.server.cert, key: certificates.server.key };

describe('openListener', () => {
  it('listens on IPv6 and IPv4 where no host is given', async () => {
    const { port } = await open({ address: { host: undefined, port: 0 } });
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('served');
    expect(await (await fetch(`http://[::1]:${port}`)).text()).toBe('served');
  });

  it('keeps idle connections longer than load balancers do', async () => {
    const { url } = await open();
    expect((await fetch(url)).headers.get('keep-alive')).toBe('timeout=75');
  });

  it('refuses a head that is too large', async () => {
    const { url } = await open();
    expect((await fetch(url, { headers: { large: 'x'.repeat(9000) } })).status).toBe(431);
  });

  it('says in a sentence that a port is taken, or an address not ours', async () => {
    const { port } = await open();
    await expect(open({ address: { host: '127.0.0.1', port } })).rejects.toThrow(
      `BONITO_LISTEN: cannot listen on 127.0.0.1:${port}: another process has this port; end it or choose another one (EADDRINUSE).`,
    );
    await expect(open({ address: { host: '203.0.113.1', port: 0 } })).rejects.toThrow(/no such address/);
  });

  it('cuts off no answer that is complete but not sent yet when it stops', async () => {
    const length = 20_000_000;
    const { port, stopAccepting, close } = await open({
      handler: (_incoming, outgoing) => outgoing.end(Buffer.alloc(length)),
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'readable');
    stopAccepting();
    const closed = close(10_000);
    let bytes = 0;
    for await (const chunk of socket) bytes += chunk.length;
    expect(bytes).toBeGreaterThan(length);
    await closed;
  });

  it('serves HTTPS, and a renewed certificate to the next connection', async () => {
    const { port, renew, url } = await open({ tls: secure });
    expect(url).toBe(`https://127.0.0.1:${port}`);
    expect(await servedBy(port)).toBe('server');
    renew({ cert: certificates.secondServer.cert, key: certificates.secondServer.key });
    expect(await servedBy(port)).toBe('second-server');
  });

  it('wants a client certificate where authorities for them are given, after a renewal too', async () => {
    const tls = { ...secure, ca: certificates.authority };
    const { port, renew } = await open({ tls });
    for (let round = 0; round < 2; round++) {
      expect(await servedBy(port, certificates.client)).toBe('server');
      expect(await servedBy(port)).not.toBe('server');
      renew(tls);
    }
  });
});

describe('readTlsFiles', () => {
  const settings = {
    certificate: 'BONITO_TLS_CERTIFICATE',
    key: 'BONITO_TLS_KEY',
    clientCa: 'BONITO_TLS_CLIENT_CA',
  };

  it('says which setting names a file that is missing, is not PEM, or does not fit', () => {
    const certificate = certificatePath('server.pem');
    expect(() => readTlsFiles({ certificate, key: '/nowhere' }, settings)).toThrow(
      'BONITO_TLS_KEY names the file /nowhere, which cannot be read (ENOENT).',
    );
    expect(() => readPem(certificatePath('make-certificates.sh'), 'BONITO_CA_FILE')).toThrow(
      /BONITO_CA_FILE.*no PEM/,
    );
    expect(() => readTlsFiles({ certificate, key: certificatePath('client.key') }, settings)).toThrow(
      /cannot be used together/,
    );
  });
});

describe('reloadFiles', () => {
  it('notices a changed file and a swapped link, and not one that is gone for a moment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bonito-reload-'));
    const [plain, one, two, link] = ['plain', 'one', 'two', 'link'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    writeFileSync(plain, '1');
    copyFileSync(certificatePath('server.pem'), one);
    copyFileSync(certificatePath('second-server.pem'), two);
    symlinkSync(one, link);
    let changes = 0;
    const reload = reloadFiles([plain, link], () => changes++);
    reload.check();
    expect(changes).toBe(0);
    writeFileSync(plain, '2');
    reload.check();
    expect(changes).toBe(1);
    symlinkSync(two, `${link}-new`);
    renameSync(`${link}-new`, link);
    reload.check();
    expect(changes).toBe(2);
    rmSync(plain);
    reload.check();
    writeFileSync(plain, '2');
    reload.check();
    expect(changes).toBe(2);
    reload.stop();
  });
});
