import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { encode } from './sign.ts';

/**
 * The path of an operation on the deployment's model. Ids of inference profiles hold colons, ARNs slashes besides: each is
 * encoded once, so that the id stays one segment.
 */
export function modelPath(target: CompiledTarget, operation: string): string {
  return `/model/${encode(target.deployment.upstream_model)}/${operation}`;
}
