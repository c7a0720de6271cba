import { usageRecordSchema } from '@bonito/protocol';
import { type Simulator, startSimulator } from '@bonito/simulator';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestGateway, TEST_KEY } from './fixtures/test-gateway.ts';

const FAULTS = [
  'plain',
  'status-400',
  'status-401',
  'status-429',
  'status-500',
  'html-502',
  'drop',
  'slow-first-byte-60000',
  'cut-after-0',
  'cut-after-2',
  'stall-after-2',
  'error-after-0',
  'error-after-2',
  'malformed-chunk-2',
  'no-done',
  'no-usage',
  'huge-200000',
];

describe('the pipeline', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());

  it('settles each request exactly once, with every attempt that providers saw, whatever goes wrong', async () => {
    const scenario = fc.record({
      faults: fc.array(fc.constantFrom(...FAULTS), { minLength: 1, maxLength: 3 }),
      stream: fc.boolean(),
      retries: fc.integer({ min: 0, max: 1 }),
      comments: fc.boolean(),
      hangUp: fc.constantFrom('no', 'at once', 'at the head'),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ faults, stream, retries, comments, hangUp }) => {
        simulator.reset();
        const limits = { first_byte_ms: 25, idle_ms: 25, total_ms: 2_000 };
        const gateway = await startTestGateway({
          models: {
            m: faults.map((fault) => ({
              baseUrl: `${simulator.url}/v1`,
              upstreamModel: `sim/${fault}`,
              provider: { time_limits: limits, retries },
            })),
          },
          settings: { keepAliveCommentMs: comments ? 5 : 0 },
        });
        try {
          const abort = new AbortController();
          const request = fetch(`${gateway.url}/v1/chat/completions`, {
            method: 'POST',
            headers: { authorization: `Bearer ${TEST_KEY}` },
            body: JSON.stringify({ model: 'm', stream, messages: [{ role: 'user', content: 'hello' }] }),
            signal: abort.signal,
          });
          if (hangUp === 'at once') setImmediate(() => abort.abort());
          const answered = await request.then(
            async (response) => {
              if (hangUp === 'at the head') abort.abort();
              await response.text().catch(() => '');
              return true;
            },
            () => false,
          );
          if (!answered && gateway.gateway.inFlight() === 0 && gateway.records.length === 0) return;
          const [record] = await gateway.settled(1);
          await expect.poll(() => gateway.gateway.inFlight()).toBe(0);
          expect(gateway.records).toHaveLength(1);
          expect(usageRecordSchema.parse(record).attempts).toHaveLength(gateway.opened.length);
          // An attempt that is cancelled before its head was read upstream is opened, but not seen there.
          expect(simulator.attempts().total).toBeLessThanOrEqual(gateway.opened.length);
          if (hangUp === 'no') expect(simulator.attempts().total).toBe(gateway.opened.length);
          expect(gateway.buffered).toBe(0);
        } finally {
          await gateway.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
