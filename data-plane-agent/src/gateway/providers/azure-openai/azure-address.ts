import type { CompiledTarget } from '../../snapshot/snapshot.ts';

/** Names that Azure gives to its newer API, which has no versions by date (Microsoft Learn, "API version lifecycle"). */
const NEWER_API: ReadonlySet<string> = new Set(['v1', 'preview', 'latest']);

/** Whether requests name the deployment in the path, with an `api-version` by date. */
export function usesDeploymentPaths({ config, basePath }: CompiledTarget['provider']): boolean {
  const { api_version: version } = config;
  return version !== undefined && !NEWER_API.has(version) && !basePath.endsWith('/openai/v1');
}

/**
 * Where Azure serves one of OpenAI's paths, below the provider's base URL. That is the resource's root; addresses that end
 * in `/openai` or `/openai/v1`, as SDKs want them, do too.
 *
 * @param path as at OpenAI, `/chat/completions`
 */
export function azurePath(target: CompiledTarget, path: string): string {
  const { config, basePath } = target.provider;
  const root = basePath.endsWith('/openai') ? '' : '/openai';
  if (usesDeploymentPaths(target.provider)) {
    const deployment = encodeURIComponent(target.deployment.upstream_model);
    return `${root}/deployments/${deployment}${path}?api-version=${config.api_version}`;
  }
  const version = config.api_version;
  const query = version === undefined || version === 'v1' ? '' : `?api-version=${version}`;
  return `${basePath.endsWith('/openai/v1') ? '' : `${root}/v1`}${path}${query}`;
}

/** Responses has no path of a deployment: the model stands in the body, also where an `api-version` is set by date. */
export function azureResponsesPath(target: CompiledTarget): string {
  const { config, basePath } = target.provider;
  if (!usesDeploymentPaths(target.provider)) return azurePath(target, '/responses');
  return `${basePath.endsWith('/openai') ? '' : '/openai'}/responses?api-version=${config.api_version}`;
}
