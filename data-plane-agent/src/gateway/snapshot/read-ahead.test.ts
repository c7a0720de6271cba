import { expect, it } from 'vitest';
import { readAhead } from './read-ahead.ts';

it('gives everything in order, and never has more begun than it may', async () => {
  let open = 0;
  let most = 0;
  const items = Array.from({ length: 9 }, (_, index) => index);
  const reading = readAhead(items, 3, async (item) => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return item * 10;
  });
  const got: number[] = [];
  for (const _ of items) got.push(await reading.next());
  expect(got).toEqual(items.map((item) => item * 10));
  expect(most).toBe(3);
});

it('fails at the one that cannot be read, and leaves no rejection behind', async () => {
  const reading = readAhead(['good', 'bad', 'worse'], 3, async (item) => {
    if (item !== 'good') throw new Error(item);
    return item;
  });
  expect(await reading.next()).toBe('good');
  await expect(reading.next()).rejects.toThrow('bad');
});
