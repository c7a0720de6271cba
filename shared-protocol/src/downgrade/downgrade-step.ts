/** Sections as they are before serializing, by name. */
export type SectionContents = ReadonlyMap<string, unknown>;

/**
 * One step down: the sections of version N as version N-1 would write them. Pure, and may only tighten: whatever the
 * result allows, the input allowed. What version N-1 cannot express must deny there, never vanish.
 */
export type DowngradeStep = (sections: SectionContents) => SectionContents;
