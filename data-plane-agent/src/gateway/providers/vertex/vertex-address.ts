import type { CompiledTarget } from '../../snapshot/snapshot.ts';

const VERSIONED = /\/v\d[a-z0-9]*$/;

/** `/v1/projects/{project}/locations/{region}`; the version where the base URL has none, and no project in express mode. */
export function locationPath({ provider }: CompiledTarget): string {
  const { project, region } = provider.config;
  return `${versionPath(provider.basePath)}${project ? `/projects/${project}/locations/${region ?? 'global'}` : ''}`;
}

/**
 * Where a model is called: a name of its publisher's, `publishers/…/models/…`, or the whole name of a resource, as tuned
 * models and endpoints have it.
 *
 * @param method with its colon left off, `generateContent`
 */
export function modelPath(target: CompiledTarget, publisher: string, method: string): string {
  const model = target.deployment.upstream_model;
  if (model.startsWith('projects/')) return `${versionPath(target.provider.basePath)}/${model}:${method}`;
  if (model.startsWith('publishers/') || model.startsWith('endpoints/')) {
    return `${locationPath(target)}/${model}:${method}`;
  }
  return `${locationPath(target)}/publishers/${publisher}/models/${model}:${method}`;
}

function versionPath(basePath: string): string {
  return VERSIONED.test(basePath) ? '' : '/v1';
}
