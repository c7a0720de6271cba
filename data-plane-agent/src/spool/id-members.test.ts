import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdMembers } from './id-members.ts';

test('members are those that JSON has, whatever was written before', () => {
  const id = fc.constantFrom(null, 'a', 'b', 'c');
  fc.assert(
    fc.property(fc.array(fc.tuple(id, id, id)), (all) => {
      const members = new IdMembers(['x', 'y', 'z'], 'z');
      for (const [x, y, z] of all) expect(`{${members.text([x, y, z])}}`).toBe(JSON.stringify({ x, y, z }));
    }),
  );
});

test('more of them than are remembered are written as well', () => {
  const members = new IdMembers(['x'], 'x');
  for (let count = 0; count < 9_000; count++) expect(members.text([String(count)])).toBe(`"x":"${count}"`);
});
