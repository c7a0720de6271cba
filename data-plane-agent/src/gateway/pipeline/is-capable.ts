import type { PipelineSurface } from './request-context.ts';

/** Whether a deployment can do what a surface asks; one without a list can be called for everything. */
export function isCapable(
  capabilities: readonly string[] | undefined,
  { capability, otherCapability }: PipelineSurface,
): boolean {
  if (!capabilities || capabilities.includes(capability)) return true;
  return otherCapability !== undefined && capabilities.includes(otherCapability);
}
