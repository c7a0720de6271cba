import type { CompiledTarget } from '../../snapshot/snapshot.ts';

/** A path of Cohere's second version. The base URL may be given with the version at its end. */
export function coherePath(target: CompiledTarget, path: string): string {
  return target.provider.basePath.endsWith('/v2') ? path : `/v2${path}`;
}
