import type { TokenCounts } from '@bonito/protocol';
import { isRecord } from './read-json-record.ts';
import { readOpenAiUsage } from './read-openai-usage.ts';

/** What an answer's output tokens are, where it does not say. */
export type MediaOutput = 'text' | 'image' | 'audio';

/**
 * Reads the `usage` of OpenAI's images, transcripts and speech. Transcripts spell the details of their input another way,
 * and tokens of a picture or a sound are not told apart from text, since there is no other output. A figure in seconds
 * (`{"type": "duration"}`, by which Whisper is billed) is none in tokens.
 *
 * @returns undefined when there is no figure in tokens
 */
export function readMediaUsage(usage: unknown, output: MediaOutput): TokenCounts | undefined {
  if (!isRecord(usage) || usage.type === 'duration') return undefined;
  const { input_token_details: input, output_token_details: detailed } = usage;
  const counts = readOpenAiUsage({
    ...usage,
    ...(usage.input_tokens_details === undefined && { input_tokens_details: input }),
    ...(usage.output_tokens_details === undefined && { output_tokens_details: detailed }),
  });
  if (!counts || output === 'text' || counts.output === undefined) return counts;
  if (isRecord(usage.output_tokens_details) || isRecord(detailed)) return counts;
  const { output: made, ...rest } = counts;
  return { ...rest, [output === 'image' ? 'image_output' : 'audio_output']: made };
}
