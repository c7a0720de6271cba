import type { TokenCounts } from '@bonito/protocol';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import type { FrameSight, PassMeter } from '../provider-kind.ts';
import { errorOf } from './read-error.ts';

const NEEDLES = ['"usageMetadata"', '"error"', '"finishReason"', '"blockReason"'].map((text) =>
  Buffer.from(text),
);

/** Finds the figures, the stop and errors in a stream of Gemini's own wire. Its usage is cumulative: the last one counts. */
export class GeminiPassMeter implements PassMeter {
  figures: TokenCounts | undefined;
  mayClose = false;

  concerns(bytes: Buffer): boolean {
    return NEEDLES.some((needle) => bytes.includes(needle));
  }

  frame({ data }: StreamFrame): FrameSight {
    if (data.length === 0) return 'keep-alive';
    if (!this.concerns(data)) return 'data';
    let piece: unknown;
    try {
      piece = JSON.parse(data.toString());
    } catch {
      return 'data';
    }
    if (errorOf(piece)) return 'error';
    const { usageMetadata, candidates, promptFeedback } = (piece ?? {}) as Readonly<Record<string, unknown>>;
    this.figures = readGeminiUsage(usageMetadata) ?? this.figures;
    if (hasMember(promptFeedback, 'blockReason')) this.mayClose = true;
    if (Array.isArray(candidates) && candidates.some((one) => hasMember(one, 'finishReason')))
      this.mayClose = true;
    return 'data';
  }
}

function hasMember(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const member = (value as Readonly<Record<string, unknown>>)[name];
  return typeof member === 'string' && member !== '';
}
