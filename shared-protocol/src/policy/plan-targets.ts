import type { Strategy } from '../wire/sections/routes.ts';

/** What is known about a target when a request is planned. */
export interface TargetState {
  deploymentId: string;
  /** False while a circuit breaker is open, or when its provider cannot be used. */
  available: boolean;
}

/**
 * The order in which targets are tried. Pure: the same route, states and random numbers give the same order, in the agent
 * and in a dry run. Unavailable targets come last rather than never, so that a route whose targets are all suspect still
 * tries; a strategy that is not known gives none.
 */
export function planTargets<Target extends TargetState>(
  strategy: Strategy,
  targets: readonly Target[],
): Target[] {
  switch (strategy.type) {
    case 'failover':
      return [
        ...targets.filter((target) => target.available),
        ...targets.filter((target) => !target.available),
      ];
    default:
      return [];
  }
}
