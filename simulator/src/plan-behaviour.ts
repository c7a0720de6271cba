import type { Behaviour } from './behaviour.ts';
import { type Fault, parseFaults, UnknownFaultError } from './fault-grammar.ts';

/** Models that `GET /v1/models` lists and that strict mode accepts besides every `sim/<faults>`. */
export const listedModels = ['sim/plain', 'sim/echo', 'sim/embedding'] as const;

/** Which model was asked for, and what it does. */
type Plan = { known: true; behaviour: Behaviour } | { known: false };

export interface BehaviourPlanner {
  /**
   * Joins the faults of the model name and of the `x-simulator-fault` header; a later one wins over an earlier one.
   * Throws `UnknownFaultError` for a header outside the grammar: a misspelt fault must not pass for a healthy answer.
   */
  plan(model: string, faultHeader: string | undefined): Plan;
  /** Forgets how often limited faults were applied. */
  reset(): void;
}

const rememberedFaults = 100_000;

/** Counts limited faults (`;times=N`) under their own text, so that two tests stay apart by `;id=`. */
export function createBehaviourPlanner(strictModels: boolean): BehaviourPlanner {
  const applied = new Map<string, number>();

  function isSpent(fault: Fault): boolean {
    if (fault.times === undefined) return false;
    const count = applied.get(fault.text) ?? 0;
    if (count >= fault.times) return true;
    if (applied.size >= rememberedFaults) applied.clear();
    applied.set(fault.text, count + 1);
    return false;
  }

  return {
    plan(model, faultHeader) {
      const modelFaults = readModel(model);
      if (!modelFaults && strictModels) return { known: false };
      const faults = [...(modelFaults ?? []), ...(faultHeader ? parseFaults(faultHeader) : [])];
      const behaviour: Behaviour = {};
      for (const fault of faults) if (!isSpent(fault)) Object.assign(behaviour, fault.behaviour);
      return { known: true, behaviour };
    },
    reset: () => applied.clear(),
  };
}

function readModel(model: string): Fault[] | undefined {
  if (model === 'sim/embedding') return [];
  if (!model.startsWith('sim/')) return undefined;
  try {
    return parseFaults(model.slice('sim/'.length));
  } catch (error) {
    if (error instanceof UnknownFaultError) return undefined;
    throw error;
  }
}
