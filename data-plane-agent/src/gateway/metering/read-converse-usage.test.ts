import type { TokenCounts } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readConverseUsage, readInvocationHeaders, readInvocationMetrics } from './read-converse-usage.ts';

describe('Converse', () => {
  it.each([
    [
      { inputTokens: 10, outputTokens: 5, totalTokens: 15 },
      { input: 10, output: 5 },
    ],
    [
      {
        inputTokens: 4,
        outputTokens: 6,
        totalTokens: 1510,
        cacheReadInputTokens: 1000,
        cacheWriteInputTokens: 500,
      },
      { input: 4, output: 6, cache_read: 1000, cache_write: 500 },
    ],
    [
      {
        inputTokens: 4,
        outputTokens: 6,
        totalTokens: 510,
        cacheReadInputTokens: 0,
        cacheWriteInputTokens: 500,
        cacheDetails: [
          { ttl: '1h', inputTokens: 300 },
          { ttl: '5m', inputTokens: 200 },
        ],
      },
      { input: 4, output: 6, cache_write: 200, cache_write_1h: 300 },
    ],
    // The same figures under two names, as Converse sends them.
    [
      {
        inputTokens: 1,
        outputTokens: 1,
        totalTokens: 9,
        cacheReadInputTokenCount: 7,
        cacheReadInputTokens: 7,
        serverToolUsage: {},
      },
      { input: 1, output: 1, cache_read: 7 },
    ],
    // The cached part stands inside of the input.
    [
      { inputTokens: 100, outputTokens: 5, totalTokens: 105, cacheReadInputTokens: 90 },
      { input: 10, output: 5, cache_read: 90 },
    ],
    [{ inputTokens: 0, outputTokens: 0, totalTokens: 0 }, {}],
    [{ inputTokens: 8, outputTokens: null }, { input: 8 }],
    [{ totalTokens: 8 }, { input: 8 }],
    [{}, undefined],
    [null, undefined],
    [{ inputTokens: -1, outputTokens: 1.5 }, undefined],
  ])('reads %j', (usage, expected) => {
    expect(readConverseUsage(usage)).toEqual(expected);
  });

  it('has parts that sum to the total', () => {
    const tokens = fc.nat(1_000_000);
    fc.assert(
      fc.property(tokens, tokens, tokens, tokens, tokens, (input, output, read, written, hour) => {
        const counts = readConverseUsage({
          inputTokens: input,
          outputTokens: output,
          totalTokens: input + output + read + written,
          cacheReadInputTokens: read,
          cacheWriteInputTokens: written,
          cacheDetails: [{ ttl: '1h', inputTokens: hour }],
        });
        expect(sum(counts ?? {})).toBe(input + output + read + written);
      }),
    );
  });
});

describe('InvokeModel', () => {
  it('reads the metrics of a stream', () => {
    const metrics = {
      inputTokenCount: 12,
      outputTokenCount: 3,
      invocationLatency: 900,
      firstByteLatency: 300,
      cacheReadInputTokenCount: 5,
      cacheWriteInputTokenCount: 0,
    };
    expect(readInvocationMetrics(metrics)).toEqual({ input: 12, output: 3, cache_read: 5 });
    expect(readInvocationMetrics(undefined)).toBeUndefined();
    expect(readInvocationMetrics({ invocationLatency: 1 })).toBeUndefined();
  });

  it('reads the headers of an answer', () => {
    expect(
      readInvocationHeaders({
        'x-amzn-bedrock-input-token-count': '12',
        'x-amzn-bedrock-output-token-count': '0',
        'x-amzn-bedrock-cache-write-input-token-count': '3',
      }),
    ).toEqual({ input: 12, cache_write: 3 });
    expect(readInvocationHeaders({ 'x-amzn-bedrock-input-token-count': 'many' })).toBeUndefined();
    expect(readInvocationHeaders({})).toBeUndefined();
  });
});

function sum(counts: TokenCounts): number {
  return Object.values(counts).reduce((total, value) => total + value, 0);
}
