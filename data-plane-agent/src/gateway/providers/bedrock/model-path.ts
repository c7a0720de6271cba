import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { encode } from './sign.ts';

/**
 * The path of an operation on the deployment's model. Ids of inference profiles hold colons, ARNs slashes besides: each is
 * encoded once, so that the id stays one segment.
 */
export function modelPath(target: CompiledTarget, operation: string): string {
  return modelPathOf(target.deployment.upstream_model, operation);
}

/** The same for a model by its id. */
export function modelPathOf(model: string, operation: string): string {
  return `/model/${encode(model)}/${operation}`;
}

/**
 * The id of the Claude behind one of AWS's own inference profiles, for the operations that know models alone:
 * `us.anthropic.claude-opus-5` is a profile, by its id or its ARN. Others stay as they are.
 */
export function foundationModel(id: string): string {
  const profile = id.replace(/^arn:aws[a-z-]*:bedrock:[^:]*:[^:]*:inference-profile\//, '');
  return profile.replace(/^[a-z]+(?:-gov)?\.(?=anthropic\.)/, '');
}
