import { describe, expect, it } from 'vitest';
import { UnknownFaultError } from './fault-grammar.ts';
import { createBehaviourPlanner } from './plan-behaviour.ts';

describe('createBehaviourPlanner', () => {
  it('joins model and header faults, the header last', () => {
    const plan = createBehaviourPlanner(false).plan('sim/status-500,echo', 'status-503');
    expect(plan).toMatchObject({ known: true, behaviour: { status: 503, echo: true } });
  });

  it('applies a limited fault so many times, apart by id, again after a reset', () => {
    const planner = createBehaviourPlanner(true);
    const statusOf = (id: string) => {
      const plan = planner.plan(`sim/status-500;times=2;id=${id}`, undefined);
      return plan.known && plan.behaviour.status;
    };
    expect(['a', 'a', 'a', 'b'].map(statusOf)).toEqual([500, 500, undefined, 500]);
    planner.reset();
    expect(statusOf('a')).toBe(500);
  });

  it('takes any model as plain unless it is strict', () => {
    expect(createBehaviourPlanner(false).plan('sim/no-such-fault', undefined)).toEqual({
      known: true,
      behaviour: {},
      seed: 'sim/no-such-fault',
    });
    const strict = createBehaviourPlanner(true);
    expect(strict.plan('gpt-x', undefined)).toEqual({ known: false });
    expect(strict.plan('sim/no-such-fault', undefined)).toEqual({ known: false });
    expect(strict.plan('sim/embedding', undefined)).toMatchObject({ known: true, behaviour: {} });
  });

  it.each(['sim/think,tool', 'anthropic.sim.think,tool', 'publishers/google/models/sim.think,tool'])(
    'knows the scenario of %s',
    (model) => {
      const plan = createBehaviourPlanner(true).plan(model, undefined);
      expect(plan).toEqual({
        known: true,
        behaviour: { think: true, toolOnce: true },
        seed: 'sim/think,tool',
      });
    },
  );

  it('takes faults from a prompt, and words in brackets that are none for words', () => {
    const { planPrompt } = createBehaviourPlanner(true);
    expect(planPrompt('say [sim/think,words-3] please')).toEqual({ think: true, words: 3 });
    expect(planPrompt('[sim/nonsense] [other]')).toEqual({});
  });

  it('never takes a misspelt header for plain', () => {
    expect(() => createBehaviourPlanner(false).plan('m', 'statsu-500')).toThrow(UnknownFaultError);
  });
});
