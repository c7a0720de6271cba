import { describe, expect, test } from 'vitest';
import { SectionMemory } from './section-memory.ts';

describe('memory for sections', () => {
  test('is lent to one at a time, and used again once it was given back', () => {
    const memory = new SectionMemory();
    const first = memory.lend(1_000);
    const second = memory.lend(1_000);
    expect(first.length).toBeGreaterThanOrEqual(1_000);
    expect(second.buffer).not.toBe(first.buffer);
    memory.takeBack(first.subarray(0, 990));
    const third = memory.lend(1_100);
    expect(third.buffer).toBe(first.buffer);
    expect(memory.lend(1_000).buffer).not.toBe(first.buffer);
  });

  test('that is too small, or of someone else, is not lent', () => {
    const memory = new SectionMemory();
    const small = memory.lend(10);
    memory.takeBack(small);
    memory.takeBack(small);
    memory.takeBack(new Uint8Array(100_000));
    expect(memory.lend(50_000).length).toBeLessThan(100_000);
    expect(memory.lend(10).buffer).toBe(small.buffer);
    expect(memory.lend(10).buffer).not.toBe(small.buffer);
  });
});
