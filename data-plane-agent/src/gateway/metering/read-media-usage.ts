import type { TokenCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';
import { readOpenAiUsage } from './read-openai-usage.ts';

/** What an answer's output tokens are, where it does not say. */
export type MediaOutput = 'text' | 'image' | 'audio';

/**
 * Reads the `usage` of OpenAI's images, transcripts and speech. Transcripts spell the details of their input another way,
 * and tokens of a picture or a sound are not told apart from text, since there is no other output. Whisper is billed by
 * the second and says so (`{"type": "duration"}`): seconds that were begun count whole.
 *
 * @returns undefined when there is no figure
 */
export function readMediaUsage(said: unknown, output: MediaOutput): TokenCounts | undefined {
  if (!isRecord(said)) return undefined;
  const usage = withKnownNames(said);
  if (usage.type === 'duration') return secondsOf(usage.seconds);
  // Mistral counts tokens too, and bills the seconds.
  if (typeof usage.prompt_audio_seconds === 'number') return secondsOf(usage.prompt_audio_seconds);
  const { input_token_details: input, output_token_details: detailed } = usage;
  const counts = readOpenAiUsage({
    ...usage,
    ...(usage.input_tokens_details === undefined && { input_tokens_details: input }),
    ...(usage.output_tokens_details === undefined && { output_tokens_details: detailed }),
  });
  // Zeros are of servers that count nothing of the kind.
  if (!counts || Object.keys(counts).length === 0) return undefined;
  if (output === 'text' || isRecord(usage.output_tokens_details) || isRecord(detailed)) return counts;
  // Nothing was thought: what a total holds besides its parts is the picture, too.
  const { output: shown = 0, reasoning = 0, ...rest } = counts;
  const made = shown + reasoning;
  return made === 0 ? rest : { ...rest, [output === 'image' ? 'image_output' : 'audio_output']: made };
}

/** The names of Microsoft's own image models (MAI) in OpenAI's words. */
function withKnownNames(usage: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { num_output_tokens: made, num_input_text_tokens: text, num_input_image_tokens: image } = usage;
  if (typeof made !== 'number' || typeof text !== 'number' || typeof image !== 'number') return usage;
  return { input_tokens: text + image, input_tokens_details: { image_tokens: image }, output_tokens: made };
}

/** A day of sound is more than any provider takes at once. */
const MOST_SECONDS = 86_400;

function secondsOf(seconds: unknown): TokenCounts | undefined {
  if (typeof seconds !== 'number' || !(seconds >= 0) || seconds > MOST_SECONDS) return undefined;
  return seconds === 0 ? {} : { audio_seconds: Math.ceil(seconds) };
}

/**
 * What can be counted in an answer without `usage`: its pictures, and the seconds of a transcript in detail.
 *
 * @returns undefined when there is nothing of the kind
 */
export function countMedia(
  answer: Readonly<Record<string, unknown>>,
  output: MediaOutput,
): TokenCounts | undefined {
  if (output === 'image') {
    return Array.isArray(answer.data) && answer.data.length > 0 ? { images: answer.data.length } : undefined;
  }
  return secondsOf(answer.duration);
}
