import type { Behaviour } from '../faults/behaviour.ts';
import type { JsonObject } from '../json-value.ts';
import type { ReplyUsage } from '../model/reply.ts';

/** The counts that an answer reports, and the `usage` object that carries them (undefined for `no-usage`). */
export interface ReportedUsage {
  input: number;
  output: number;
  usage: JsonObject | undefined;
}

/** Puts faults over the counted tokens. Cached and reasoning tokens are parts of input and output, as at OpenAI. */
export function reportUsage(
  behaviour: Behaviour,
  countedInput: number,
  countedOutput: number,
): ReportedUsage {
  const { input, output } = behaviour.usage ?? { input: countedInput, output: countedOutput };
  if (behaviour.noUsage) return { input, output, usage: undefined };
  return {
    input,
    output,
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: behaviour.cachedTokens ?? 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: behaviour.reasoningTokens ?? 0, audio_tokens: 0 },
    },
  };
}

/** The `usage` object of chat. */
export function usageOf({ input, output, cacheRead, reasoning }: ReplyUsage): JsonObject {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cacheRead, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
  };
}
