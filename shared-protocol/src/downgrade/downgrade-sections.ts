import { PROTOCOL_VERSION } from '../version.ts';

/** Sections as they are before serializing, by name. */
export type SectionContents = ReadonlyMap<string, unknown>;

/**
 * One step down: the sections of version N as version N-1 would write them. Pure, and may only tighten: whatever the
 * result allows, the input allowed. What version N-1 cannot express must deny there, never vanish.
 */
export type DowngradeStep = (sections: SectionContents) => SectionContents;

/** The step from each version to the one before it, by the version that it starts from. Version 1 is the first. */
export const DOWNGRADE_STEPS: ReadonlyMap<number, DowngradeStep> = new Map();

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
