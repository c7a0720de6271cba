import { describe, expect, it } from 'vitest';
import { createIngestGate } from './ingest-gate.ts';

describe('the ingest gate', () => {
  it('lets so many in at once, and the others in turn', async () => {
    const gate = createIngestGate(2, 1_000);
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        gate
          .run(1, async () => {
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
    const first = gate.run(90, () => promise);
    await expect(gate.run(20, async () => {})).rejects.toMatchObject({ code: 'ingest_overloaded' });
    resolve();
    await first;
    await expect(gate.run(20, async () => 'in')).resolves.toBe('in');
  });
});
