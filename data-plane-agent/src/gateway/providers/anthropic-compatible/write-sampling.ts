import type { Sampling } from '../../chat/chat-request.ts';
import type { DroppedFields } from '../../chat/dropped-fields.ts';
import type { ClaudeTraits } from './claude-models.ts';

/** How the next token is chosen, as far as Claude is told. */
export type ClaudeSampling = Pick<Sampling, 'temperature' | 'topP' | 'topK'>;

/**
 * Sampling as a model takes it; what it refuses is left out and named. OpenAI's temperature goes to 2, Claude's to 1. A
 * `top_p` of 1 leaves out nothing, which is what happens unasked.
 */
export function claudeSampling(
  { temperature, topP, topK }: ClaudeSampling,
  { sampling }: ClaudeTraits,
  dropped: DroppedFields,
): ClaudeSampling {
  if (sampling === 'none') {
    if (temperature !== undefined && temperature !== 1) dropped.add('temperature');
    if (topP !== undefined && topP !== 1) dropped.add('top_p');
    if (topK !== undefined) dropped.add('top_k');
    return {};
  }
  if (temperature !== undefined && temperature > 1) dropped.add('temperature');
  const both = sampling === 'one' && temperature !== undefined && topP !== undefined;
  if (both && topP !== 1) dropped.add('top_p');
  return {
    ...(temperature !== undefined && { temperature: Math.min(temperature, 1) }),
    ...(topP !== undefined && !both && { topP }),
    ...(topK !== undefined && { topK }),
  };
}
