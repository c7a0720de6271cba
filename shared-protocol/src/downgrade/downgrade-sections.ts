import { PROTOCOL_VERSION } from '../version.ts';
import type { DowngradeStep, SectionContents } from './downgrade-step.ts';
import { fromVersion2 } from './from-version-2.ts';

/** The step from each version to the one before it, by the version that it starts from. Version 1 is the first. */
export const DOWNGRADE_STEPS: ReadonlyMap<number, DowngradeStep> = new Map([[2, fromVersion2]]);

/**
 * Brings sections down to an agent's version, step by step.
 *
 * @throws RangeError when a step is missing, which means that the version is no longer served.
 */
export function downgradeSections(
  sections: SectionContents,
  to: number,
  from: number = PROTOCOL_VERSION,
  steps: ReadonlyMap<number, DowngradeStep> = DOWNGRADE_STEPS,
): SectionContents {
  let result = sections;
  for (let version = from; version > to; version--) {
    const step = steps.get(version);
    if (!step) throw new RangeError(`protocol ${version} has no step down to ${version - 1}`);
    result = step(result);
  }
  return result;
}
