import { describe, expect, it } from 'vitest';
import { createIngestGate } from './ingest-gate.ts';
import { collectBody } from './read-body.ts';

const holding = (bytes: number) => async (hold: (bytes: number) => void) => hold(bytes);

describe('the ingest gate', () => {
  it('lets so many in at once, and the others in turn', async () => {
    const gate = createIngestGate(2, 1_000);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        gate
          .run(holding(1), async () => {
            inside += 1;
            most = Math.max(most, inside);
            order.push(index);
            await new Promise((resolve) => setImmediate(resolve));
            inside -= 1;
            if (index % 3 === 0) throw new Error('failed');
          })
          .catch(() => {}),
      ),
    );
    expect(most).toBe(2);
    expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('refuses what it could not hold, and takes it later', async () => {
    const gate = createIngestGate(1, 100);
    const { promise, resolve } = Promise.withResolvers<void>();
    const first = gate.run(holding(90), () => promise);
    await expect(gate.run(holding(20), async () => {})).rejects.toMatchObject({ code: 'ingest_overloaded' });
    resolve();
    await first;
    await expect(gate.run(holding(20), async () => 'in')).resolves.toBe('in');
  });

  it('counts bodies that are still arriving, and lets go of those that broke off', async () => {
    const gate = createIngestGate(1, 100);
    const upload = () => {
      let send: ReadableStreamDefaultController<Uint8Array> | undefined;
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          send = controller;
        },
      });
      const request = new Request('http://127.0.0.1/', { method: 'POST', body, duplex: 'half' });
      const held = Promise.withResolvers<void>();
      const done = gate.run(
        (hold) =>
          collectBody(request, 1_000, (bytes) => {
            hold(bytes);
            held.resolve();
          }),
        async (bytes) => bytes.length,
      );
      return {
        done,
        held: held.promise,
        send: (bytes: number) => send?.enqueue(new Uint8Array(bytes)),
        end: () => send,
      };
    };
    const [slow, broken, third] = [upload(), upload(), upload()];
    slow.send(50);
    broken.send(40);
    await Promise.all([slow.held, broken.held]);
    third.send(30);
    await expect(third.done).rejects.toMatchObject({ code: 'ingest_overloaded' });
    broken.end()?.error(new Error('the connection broke'));
    await expect(broken.done).rejects.toThrow('broke');
    slow.send(50);
    slow.end()?.close();
    await expect(slow.done).resolves.toBe(100);
    await expect(gate.run(holding(100), async () => 'empty again')).resolves.toBe('empty again');
  });
});
