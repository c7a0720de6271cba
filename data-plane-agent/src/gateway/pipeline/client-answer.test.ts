import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { ClientAnswer } from './client-answer.ts';

it('writes pieces of every size in order, and takes an empty one for nothing', async () => {
  const large = Buffer.alloc(100_000, 'l');
  const pieces = [
    Buffer.from('a'),
    Buffer.alloc(0),
    Buffer.from('é'),
    large,
    Buffer.alloc(0),
    Buffer.from('z'),
  ];
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const answer = new ClientAnswer(outgoing, 'r');
    answer.startStream([]);
    for (const piece of pieces) answer.write(piece);
    answer.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    // Twice over one connection: a body that ended wrongly would spoil what follows.
    for (let turn = 0; turn < 2; turn++)
      expect(await (await fetch(url)).text()).toBe(Buffer.concat(pieces).toString());
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
