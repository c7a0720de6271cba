import type { ChatUsage } from '../../chat/chat-answer.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';
import { noteServed } from '../../metering/served-as.ts';

/**
 * Reads `usage`; undefined when it holds no figures.
 *
 * @param serviceTier the answer's or the chunk's own `service_tier`, which says what the price hangs on besides
 */
export function readUsage(value: unknown, serviceTier?: unknown): ChatUsage | undefined {
  const counts = noteServed(readOpenAiUsage(value), serviceTier);
  return counts && { counts, original: { wire: 'openai-chat', value } };
}
