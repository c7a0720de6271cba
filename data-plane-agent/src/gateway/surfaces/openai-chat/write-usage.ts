import { inputTokens, outputTokens } from '@bonito/protocol';
import type { ChatUsage } from '../../chat/chat-answer.ts';

/**
 * Writes `usage`: the provider's own object where it is of this wire. Tokens written to a cache are part of the prompt and
 * have no member of their own at OpenAI; `cache_write_tokens` is OpenRouter's name.
 */
export function writeUsage(usage: ChatUsage): unknown {
  const { wire, value } = usage.original;
  if (wire === 'openai-chat' && value !== undefined) return value;
  const { counts } = usage;
  const prompt = inputTokens(counts);
  const completion = outputTokens(counts);
  const written = (counts.cache_write ?? 0) + (counts.cache_write_1h ?? 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: counts.cache_read ?? 0,
      audio_tokens: counts.audio_input ?? 0,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: {
      reasoning_tokens: counts.reasoning ?? 0,
      audio_tokens: counts.audio_output ?? 0,
    },
  };
}
