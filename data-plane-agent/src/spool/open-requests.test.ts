import fc from 'fast-check';
import { expect, test } from 'vitest';
import { idFrom, seeded } from './fixtures/simulated-host.ts';
import { type OpenRequest, OpenRequests } from './open-requests.ts';

const requestOf = (id: string): OpenRequest => ({ id, attempts: [], onDisk: false, next: undefined });

test('holds what a map would hold', () => {
  const step = fc.record({ do: fc.constantFrom('add', 'take', 'get'), id: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const requests = new OpenRequests();
      const model = new Map<string, OpenRequest>();
      for (const now of steps) {
        // Half of them end alike, and so stand in one bucket.
        const id = now.id % 2 ? `${now.id}-the-same-end` : `an-end-of-its-own-${now.id}`;
        if (now.do === 'add' && !model.has(id)) {
          const request = requestOf(id);
          requests.add(request);
          model.set(id, request);
        }
        if (now.do === 'get') expect(requests.get(id)).toBe(model.get(id));
        if (now.do === 'take') {
          expect(requests.take(id)).toBe(model.get(id));
          model.delete(id);
        }
        expect(requests.size).toBe(model.size);
      }
      expect(new Set(requests.all())).toEqual(new Set(model.values()));
    }),
  );
});

test('finds each of very many, and lets them all go', () => {
  const fraction = seeded(3);
  const requests = new OpenRequests();
  const ids = Array.from({ length: 20_000 }, () => idFrom(fraction));
  for (const id of ids) requests.add(requestOf(id));
  expect(ids.every((id) => requests.get(id)?.id === id)).toBe(true);
  expect(ids.every((id) => requests.take(id)?.id === id)).toBe(true);
  expect(requests.size).toBe(0);
  expect(requests.all()).toEqual([]);
});
