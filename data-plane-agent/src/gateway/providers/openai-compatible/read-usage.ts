import type { ChatUsage } from '../../chat/chat-answer.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';

/** Reads `usage`; undefined when it holds no figures. */
export function readUsage(value: unknown): ChatUsage | undefined {
  const counts = readOpenAiUsage(value);
  return counts && { counts, original: { wire: 'openai-chat', value } };
}
