import type { ChatUsage } from '../../chat/chat-answer.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';
import { noteServed } from '../../metering/served-as.ts';

/**
 * Reads what an answer or a chunk says of usage; undefined when it holds no figures. They stand beside the choices, Groq's
 * in `x_groq`, Moonshot's in the last choice of a stream. The tier beside them says what the price hangs on besides.
 */
export function readUsage(answer: JsonObject): ChatUsage | undefined {
  const own = usageOf(answer.usage, answer.service_tier);
  if (own) return own;
  const groq = isObject(answer.x_groq) ? usageOf(answer.x_groq.usage) : undefined;
  if (groq || !Array.isArray(answer.choices)) return groq;
  for (const choice of answer.choices) {
    const usage = isObject(choice) ? usageOf(choice.usage) : undefined;
    if (usage) return usage;
  }
  return undefined;
}

function usageOf(value: unknown, serviceTier?: unknown): ChatUsage | undefined {
  const counts = noteServed(readOpenAiUsage(value), serviceTier);
  return counts && { counts, original: { wire: 'openai-chat', value } };
}
