import { describe, expect, test } from 'vitest';
import { estimateBytes, estimateEvent, estimateTokens } from './estimate-tokens.ts';
import { StreamEstimate } from './stream-estimate.ts';

const event = (delta: object) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, delta }] })}\n\n`;

describe('estimates', () => {
  test('one token for four bytes, none for nothing', () => {
    expect(estimateTokens(401, estimateBytes(8))).toEqual({ input: 101, output: 2 });
    expect(estimateTokens(0, 0)).toEqual({});
  });

  test('an event is a token, unless it is clearly larger', () => {
    expect(estimateEvent(200, 180)).toBe(1);
    expect(estimateEvent(150, 180)).toBe(1);
    expect(estimateEvent(180 + 64 + 400, 180)).toBe(100);
  });

  test('a stream that sends a token at a time counts its events, though the last one is empty', () => {
    const estimate = new StreamEstimate();
    const words = ['Hello', ' there', ',', ' how', ' are', ' you', '?'];
    estimate.countEvents(Buffer.from(words.map((content) => event({ content })).join('') + event({})));
    expect(estimate.tokens(400)).toEqual({ input: 100, output: words.length + 1 });
  });

  test('a stream that sends a page at a time counts its bytes', () => {
    const estimate = new StreamEstimate();
    estimate.countEvents(Buffer.from(event({ content: '' }) + event({ content: 'x'.repeat(4_000) })));
    const { output = 0 } = estimate.tokens(400);
    expect(output).toBeGreaterThan(900);
    expect(output).toBeLessThan(1_100);
  });
});
