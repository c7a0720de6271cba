import type { Behaviour } from './behaviour.ts';
import { type Fault, parseFaults, UnknownFaultError } from './fault-grammar.ts';

/** Models that `GET /v1/models` lists and that strict mode accepts besides every `sim/<faults>`. */
export const listedModels = ['sim/plain', 'sim/echo', 'sim/embedding'] as const;

/** What a model does. */
export interface KnownPlan {
  known: true;
  behaviour: Behaviour;
  /** Begins the answer's words; the same for the same scenario, however its model is named. */
  seed: string;
}

type Plan = KnownPlan | { known: false };

export interface BehaviourPlanner {
  /**
   * Joins the faults of the model name and of the `x-simulator-fault` header; a later one wins over an earlier one.
   * Throws `UnknownFaultError` for a header outside the grammar: a misspelt fault must not pass for a healthy answer.
   */
  plan(model: string, faultHeader: string | undefined): Plan;
  /** What a prompt asks for by `[sim/<faults>]`; nothing when it is not of the grammar. */
  planPrompt(prompt: string): Behaviour;
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

  function join(faults: Fault[]): Behaviour {
    const behaviour: Behaviour = {};
    for (const fault of faults) if (!isSpent(fault)) Object.assign(behaviour, fault.behaviour);
    return behaviour;
  }

  return {
    plan(model, faultHeader) {
      const scenario = scenarioOf(model);
      const modelFaults = scenario === undefined ? undefined : readScenario(scenario);
      if (!modelFaults && strictModels) return { known: false };
      const faults = [...(modelFaults ?? []), ...(faultHeader ? parseFaults(faultHeader) : [])];
      return { known: true, behaviour: join(faults), seed: modelFaults ? `sim/${scenario}` : model };
    },
    planPrompt(prompt) {
      const asked = /\[sim\/([^\]\s]{1,256})\]/.exec(prompt)?.[1];
      return asked === undefined ? {} : join(readScenario(asked) ?? []);
    },
    reset: () => applied.clear(),
  };
}

/**
 * The part after `sim/`, or after `sim.` where a name cannot hold a slash, also at the end of a longer name:
 * `anthropic.sim.think` and `publishers/google/models/sim.think` are the scenario `think`.
 */
function scenarioOf(model: string): string | undefined {
  return /(?:^|[./:])sim[./](.+)$/.exec(model)?.[1];
}

function readScenario(scenario: string): Fault[] | undefined {
  if (scenario === 'embedding') return [];
  try {
    return parseFaults(scenario);
  } catch (error) {
    if (error instanceof UnknownFaultError) return undefined;
    throw error;
  }
}
