import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import type { Operation, OperationDialect } from '../../provider-kind.ts';
import { countClaudeTokens } from './count-tokens.ts';
import { embeddingsDialect } from './embeddings.ts';
import { imagesDialect } from './images.ts';
import { rerankDialect } from './rerank.ts';

/** What Bedrock's models do besides chat, all by InvokeModel; undefined where the family does not do it. */
export function operationDialect(operation: Operation, target: CompiledTarget): OperationDialect | undefined {
  const family = target.deployment.family.toLowerCase();
  switch (operation) {
    case 'embeddings':
      return embeddingsDialect(makerOf(family), target.deployment.upstream_model);
    case 'images.generate':
      return imagesDialect(makerOf(family));
    case 'rerank':
      return rerankDialect(makerOf(family), target.deployment.upstream_model);
    case 'count_tokens':
      return family === 'claude' ? countClaudeTokens : undefined;
    default:
      return undefined;
  }
}

const MAKERS = ['titan', 'nova', 'cohere', 'stability', 'amazon'];

/** `titan-embed` and `cohere-rerank` are the same forms as `titan` and `cohere`. */
function makerOf(family: string): string {
  return MAKERS.find((maker) => family === maker || family.startsWith(`${maker}-`)) ?? family;
}
