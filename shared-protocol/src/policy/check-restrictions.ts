import type { Restriction } from '../wire/restrictions.ts';

/** What restrictions are decided on. */
export interface RequestFacts {
  /** The model name that the client asked for. */
  model: string;
  /** Milliseconds since 1970. */
  now: number;
  /** Seconds since the agent last had an answer from its control plane, by monotonic time; 0 in standalone use. */
  offlineSeconds: number;
}

/** Why something may not be used; the first restriction that denies. */
export type Denial = 'model_not_allowed' | 'expired' | 'offline_too_long' | 'unknown_restriction';

/** Undefined when every restriction lets the request pass. */
export function checkRestrictions(
  restrictions: readonly Restriction[],
  facts: RequestFacts,
): Denial | undefined {
  for (const restriction of restrictions) {
    const denial = check(restriction, facts);
    if (denial) return denial;
  }
  return undefined;
}

function check(restriction: Restriction, facts: RequestFacts): Denial | undefined {
  switch (restriction.type) {
    case 'models':
      return restriction.allow.includes(facts.model) ? undefined : 'model_not_allowed';
    case 'expires':
      return facts.now < Date.parse(restriction.at) ? undefined : 'expired';
    case 'max_offline':
      return facts.offlineSeconds <= restriction.seconds ? undefined : 'offline_too_long';
    default:
      return 'unknown_restriction';
  }
}
