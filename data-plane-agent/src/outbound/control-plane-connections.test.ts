import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createControlPlaneConnections } from './control-plane-connections.ts';
import { certificates } from './test-certificates.ts';
import { createTrust } from './trust.ts';

const server = createServer(
  { ...certificates.server, ca: certificates.authority, requestCert: true, rejectUnauthorized: false },
  (incoming, outgoing) =>
    outgoing.end((incoming.socket as TLSSocket).getPeerCertificate().subject?.CN ?? 'nobody'),
);
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

describe('createControlPlaneConnections', () => {
  it('shows the client certificate, and a renewed one from the next connection on', async () => {
    const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const connections = createControlPlaneConnections({
      address: `${address}/below`,
      proxy: undefined,
      trust: createTrust(certificates.authority),
      client: { certificate: certificates.client.cert, key: certificates.client.key },
      connectMs: 1_000,
    });
    const ask = async () => {
      const answer = await connections.dispatcher.request({ origin: address, path: '/', method: 'GET' });
      return answer.body.text();
    };
    expect(await ask()).toBe('client');
    connections.renew({ certificate: certificates.secondServer.cert, key: certificates.secondServer.key });
    expect(await ask()).toBe('second-server');
    await connections.close();
  });
});
