import { once } from 'node:events';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { certificatePath, certificates } from './outbound/test-certificates.ts';
import { startTestProxy } from './outbound/test-proxy.ts';
import { endAll, standaloneFile, startTestAgent, TEST_KEY } from './start-test-agent.ts';

afterEach(endAll);

/** The status of a chat request over HTTPS, with the authority of the tests trusted. */
function chat(url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}/v1/chat/completions`,
      {
        method: 'POST',
        ca: certificates.authority,
        agent: false,
        headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
      },
      (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode));
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify({ model: 'm', messages: [] }));
  });
}

it('serves HTTPS, and reaches a provider with a private CA through a proxy with a password', async () => {
  const upstream = createServer(certificates.server, (incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"choices":[]}');
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const credential = { user: 'user', password: 'canary-password' };
  const proxy = await startTestProxy(
    { 'upstream.example:443': (upstream.address() as AddressInfo).port },
    credential,
  );
  const environment = {
    HTTPS_PROXY: proxy.url('user:canary-password'),
    BONITO_CA_FILE: certificatePath('authority.pem'),
    BONITO_TLS_CERTIFICATE: certificatePath('server.pem'),
    BONITO_TLS_KEY: certificatePath('server.key'),
    BONITO_LOG_LEVEL: 'debug',
  };
  const agent = await startTestAgent(standaloneFile('https://upstream.example/v1'), environment);
  expect(agent.url).toMatch(/^https:/);
  expect(await chat(agent.url)).toBe(200);
  expect(proxy.asked).toEqual(['CONNECT upstream.example:443']);
  agent.process.kill('SIGTERM');
  const { code, output } = await agent.ended;
  expect(code).toBe(0);
  expect(output).not.toContain('canary');
  await proxy.close();
  upstream.close();
  upstream.closeAllConnections();
});
