import { inputTokens, outputTokens } from '@bonito/protocol';
import type { ChatUsage } from '../../chat/chat-answer.ts';

/** Writes `usage`: the provider's own object where it is of this wire. */
export function writeUsage(usage: ChatUsage): unknown {
  if (usage.original.wire === 'openai-chat') return usage.original.value;
  const { counts } = usage;
  const prompt = inputTokens(counts);
  const completion = outputTokens(counts);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: counts.cache_read ?? 0, audio_tokens: counts.audio_input ?? 0 },
    completion_tokens_details: {
      reasoning_tokens: counts.reasoning ?? 0,
      audio_tokens: counts.audio_output ?? 0,
    },
  };
}
