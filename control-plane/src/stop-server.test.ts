import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { prepareToStop } from './stop-server.ts';

const clients: Socket[] = [];
const servers: Server[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const client of clients.splice(0)) client.destroy();
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that leaves its answers to the test. */
async function serve() {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => responses.push(response));
  servers.push(server);
  const stop = prepareToStop(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const open = async (text = '') => {
    const accepted = once(server, 'connection');
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => {});
    let received = '';
    client.on('data', (chunk) => {
      received += chunk;
    });
    const closed = once(client, 'close');
    await accepted;
    if (text) {
      const asked = text.endsWith('\r\n\r\n') ? once(server, 'request') : undefined;
      client.write(text);
      await asked;
    }
    return { closed, received: () => received };
  };
  return { responses, stop, open };
}

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

it('does not wait for connections on which nothing was asked, half a request, or nothing more', async () => {
  const { open, stop, responses } = await serve();
  const silent = await open();
  const half = await open('GET / HTTP/1.1\r\nhost:');
  const answered = await open(REQUEST);
  responses[0]?.end('done');
  while (!answered.received().includes('done')) await new Promise((resolve) => setImmediate(resolve));
  // Nobody moves the clock, so that the end of the grace never comes.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  await Promise.all([stop(), silent.closed, half.closed, answered.closed]);
  expect(answered.received()).not.toContain('connection: close');
});

it('lets a request under way end, and tells its client to ask elsewhere next', async () => {
  const { open, stop, responses } = await serve();
  const client = await open(REQUEST);
  const streaming = await open(REQUEST);
  responses[1]?.write('first half,');
  const stopped = stop();
  responses[0]?.end('whole');
  responses[1]?.end('second half');
  await Promise.all([stopped, client.closed, streaming.closed]);
  expect(client.received()).toMatch(/connection: close[\s\S]*whole/);
  expect(streaming.received()).toMatch(/first half,[\s\S]*second half/);
});
