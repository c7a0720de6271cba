import { GatewayError } from '../errors/gateway-error.ts';
import { SURFACE_TABLE } from '../server/surface-table.ts';
import type { CompiledModel } from '../snapshot/snapshot.ts';
import { isCapable } from './is-capable.ts';
import { wayTo } from './way.ts';

/** The refusal of a model that cannot be reached in the API it was asked for in; names those that it can be. */
export function surfaceUnsupported(model: CompiledModel): GatewayError {
  const paths = SURFACE_TABLE.filter((surface) =>
    model.targets.some((target) => {
      return isCapable(target.deployment.capabilities, surface) && wayTo(target, surface);
    }),
  ).map(({ path }) => path);
  const detail = paths.length === 0 ? undefined : `It can be asked at: ${[...new Set(paths)].join(', ')}.`;
  return new GatewayError('surface_unsupported', { param: 'model', ...(detail !== undefined && { detail }) });
}
