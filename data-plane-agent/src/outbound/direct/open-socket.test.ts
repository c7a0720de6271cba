import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Reach } from '../create-dispatcher.ts';
import { openSocket } from './open-socket.ts';
import { startTestServer, type TestServer } from './test-exchange.ts';

type Answer = (error: Error | null, addresses: LookupAddress[]) => void;
const resolved = vi.hoisted(() => ({ addresses: [] as string[] }));
vi.mock('node:dns', async (original) => ({
  ...(await original<typeof import('node:dns')>()),
  lookup: (_name: string, _options: object, answer: Answer) =>
    answer(
      null,
      resolved.addresses.map((address) => ({ address, family: 4 })),
    ),
}));

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const reach = (origin: string): Reach => ({
  ...{ origin, proxy: undefined, secureContext: undefined, connections: 1, connectMs: 10_000 },
  refuseMetadata: true,
});

describe('openSocket', () => {
  it.each([
    ['http', ['169.254.169.254']],
    ['https', ['169.254.169.254']],
    ['http', ['127.0.0.1', '169.254.170.2']],
  ])('connects to no metadata service that a name leads to: %s, %j', async (scheme, addresses) => {
    resolved.addresses = addresses;
    const socket = openSocket(reach(`${scheme}://provider.example`), { ticket: undefined }, () => undefined);
    const [error] = await once(socket, 'close').catch((thrown: unknown) => [thrown]);
    expect(error).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  it('connects to what else a name leads to, and hands over what is read', async () => {
    resolved.addresses = ['127.0.0.1'];
    server = await startTestServer(() => undefined, { connected: (socket) => socket.write('hello') });
    const { promise, resolve } = Promise.withResolvers<string>();
    const session = { ticket: undefined };
    const socket = openSocket(reach(`http://provider.example:${server.port}`), session, (bytes) =>
      resolve(bytes.toString()),
    );
    expect(await promise).toBe('hello');
    socket.destroy();
  });
});
