import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planTargets } from './plan-targets.ts';

const targets = fc.array(fc.record({ deploymentId: fc.uuid(), available: fc.boolean() }), { maxLength: 8 });

test('failover keeps the written order, tries suspects last and leaves none out', () => {
  fc.assert(
    fc.property(targets, (list) => {
      const plan = planTargets({ type: 'failover' }, list);
      expect(plan.filter((target) => target.available)).toEqual(list.filter((target) => target.available));
      expect(
        plan.slice(plan.findIndex((target) => !target.available)).every((target) => !target.available) ||
          plan.every((target) => target.available),
      ).toBe(true);
      expect(plan).toHaveLength(list.length);
    }),
  );
});

test('a strategy that is not known has no targets', () => {
  fc.assert(
    fc.property(targets, (list) => {
      expect(planTargets({ type: 'unknown' }, list)).toEqual([]);
    }),
  );
});
