import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatLine, recordPayload } from './line-format.ts';
import { scanSegment } from './scan-segment.ts';

/** Reads `bytes` as a segment, and answers the sizes of its records, the damaged lines and how often it rested. */
async function scan(bytes: Buffer) {
  const sizes: number[] = [];
  let rests = 0;
  const disk = {
    size: () => bytes.length,
    read: async (_path: string, from: number, length: number) => bytes.subarray(from, from + length),
  };
  const damaged = await scanSegment(
    { disk: disk as never, timers: { after: () => () => undefined, soon: (run) => run() } },
    'segment',
    (line) => {
      if (line.type === 'record') sizes.push(line.json.length);
    },
    async () => {
      rests += 1;
    },
  );
  return { sizes, damaged, rests };
}

const line = (size: number, sequence: number) =>
  Buffer.from(formatLine(recordPayload(sequence, undefined, 'x'.repeat(size))));

it('reads each line once, whatever its length, and leaves a torn last one', async () => {
  const size = fc.oneof(fc.nat(2_000), fc.integer({ min: 100_000, max: 1_500_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(size, { maxLength: 12 }), fc.nat(50), async (sizes, torn) => {
      const lines = sizes.map(line);
      const tail = Buffer.from(
        formatLine(recordPayload(sizes.length, undefined, 'torn'.repeat(20))),
      ).subarray(0, torn);
      expect(await scan(Buffer.concat([...lines, tail]))).toMatchObject({ sizes, damaged: 0 });
    }),
    { numRuns: 60 },
  );
});

it('counts damaged lines, and goes on behind them', async () => {
  const damaged = line(10, 1);
  damaged[20] = 0x21;
  expect(await scan(Buffer.concat([line(5, 0), damaged, line(6, 2)]))).toMatchObject({
    sizes: [5, 6],
    damaged: 1,
  });
});

it('rests after each slice', async () => {
  const { sizes, rests } = await scan(
    Buffer.concat(Array.from({ length: 2_000 }, (_, at) => line(1_000, at))),
  );
  expect(sizes).toHaveLength(2_000);
  expect(rests).toBeGreaterThan(14);
});
