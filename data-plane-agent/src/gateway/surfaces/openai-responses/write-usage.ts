import { inputTokens, outputTokens } from '@bonito/protocol';
import type { ChatUsage } from '../../chat/chat-answer.ts';

/** Writes `usage`: the provider's own object where it is of this wire; null where nothing is known. */
export function writeUsage(usage: ChatUsage | undefined): unknown {
  if (!usage) return null;
  const { wire, value } = usage.original;
  if (wire === 'openai-responses' && value !== undefined) return value;
  const { counts } = usage;
  const input = inputTokens(counts);
  const output = outputTokens(counts);
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: counts.cache_read ?? 0,
      cache_write_tokens: (counts.cache_write ?? 0) + (counts.cache_write_1h ?? 0),
    },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: counts.reasoning ?? 0 },
    total_tokens: input + output,
  };
}
