import { expect, it } from 'vitest';
import { hintedMs, KeptTime } from './kept-time.ts';

it.each([
  [5, 4_000],
  [1, 0],
  [999_999, 600_000],
])('stays a second below a hint, and within ten minutes: %d s', (seconds, ms) => {
  expect(hintedMs(seconds)).toBe(ms);
});

it('keeps a connection for a minute, until the server shows that it does not', () => {
  const kept = new KeptTime();
  expect(kept.unhinted(0)).toBe(60_000);
  kept.closedAfter(30_000, 0);
  expect(kept.unhinted(0)).toBe(29_000);
  kept.closedAfter(40_000, 0);
  expect(kept.unhinted(0)).toBe(29_000);
  kept.closedAfter(5_000, 0);
  expect(kept.unhinted(0)).toBe(4_000);
});

it('does not take a restart of the server for its habit', () => {
  const kept = new KeptTime();
  kept.closedAfter(500, 1_000);
  expect(kept.unhinted(1_000)).toBe(4_000);
  expect(kept.unhinted(600_999)).toBe(4_000);
  expect(kept.unhinted(601_000)).toBe(60_000);
  kept.closedAfter(50_000, 601_000);
  expect(kept.unhinted(601_000)).toBe(49_000);
});
