import type { TokenCounts } from '@bonito/protocol';
import type { ChatUsage } from '../../chat/chat-answer.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';

/** Writes `usage`: the provider's own object where it is of this wire. */
export function writeUsage(usage: ChatUsage | undefined): JsonObject {
  const own = usage?.original.wire === 'anthropic-messages' ? usage.original.value : undefined;
  return isObject(own) ? own : writeCounts(usage?.counts ?? {});
}

/** What was read from a cache or written to one is not in `input_tokens` here. */
function writeCounts(counts: TokenCounts): JsonObject {
  const { cache_write: fiveMinutes = 0, cache_write_1h: hour = 0 } = counts;
  const input = (counts.input ?? 0) + (counts.audio_input ?? 0) + (counts.image_input ?? 0);
  const output =
    (counts.output ?? 0) + (counts.reasoning ?? 0) + (counts.audio_output ?? 0) + (counts.image_output ?? 0);
  return {
    input_tokens: input,
    cache_creation_input_tokens: fiveMinutes + hour,
    cache_read_input_tokens: counts.cache_read ?? 0,
    ...(fiveMinutes + hour > 0 && {
      cache_creation: { ephemeral_5m_input_tokens: fiveMinutes, ephemeral_1h_input_tokens: hour },
    }),
    output_tokens: output,
  };
}
