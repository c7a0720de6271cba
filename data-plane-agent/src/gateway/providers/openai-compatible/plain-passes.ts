import type { JsonObject, OperationWire } from '../../chat/wire.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { CallAddress, PassDialect } from '../provider-kind.ts';
import { ChatPassMeter } from './chat-pass-meter.ts';
import { EventPassMeter } from './event-pass-meter.ts';
import { readError } from './read-error.ts';

/** Where OpenAI's requests other than chat go, below the base URL. */
export const OPERATION_PATHS = {
  'openai-completions': '/completions',
  'openai-embeddings': '/embeddings',
  'openai-images': '/images/generations',
  'openai-image-edits': '/images/edits',
  'openai-transcriptions': '/audio/transcriptions',
  'openai-translations': '/audio/translations',
  'openai-speech': '/audio/speech',
  'openai-moderations': '/moderations',
  rerank: '/rerank',
} as const satisfies Partial<Record<OperationWire, string>>;

export const PLAIN_WIRES = Object.keys(OPERATION_PATHS) as readonly PlainWire[];

/** Wires of requests that OpenAI-compatible servers take as they come. */
export type PlainWire = keyof typeof OPERATION_PATHS;

/**
 * A request other than chat at a server that speaks its wire: bytes flow, but for the model's name and, in a stream of text
 * completions, the usage chunk.
 */
export function plainPass(
  wire: PlainWire,
  address: (path: string, target: CompiledTarget) => CallAddress,
): PassDialect {
  return {
    wire,
    framing: 'sse',
    binary: wire === 'openai-speech',
    address: (target) => address(OPERATION_PATHS[wire], target),
    pass({ body, stream }, target) {
      const model = target.deployment.upstream_model;
      const edits: Record<string, unknown> = {};
      if (body.model !== model) edits.model = model;
      if (wire === 'openai-completions' && stream && target.provider.config.stream_options !== false) {
        const options = body.stream_options;
        const asked = typeof options === 'object' && options !== null && 'include_usage' in options;
        if (!asked) edits.stream_options = { ...(options as JsonObject | undefined), include_usage: true };
      }
      return { edits, dropped: [] };
    },
    readUsage: (body) => readOpenAiUsage(body.usage),
    passMeter: (hideUsage) =>
      wire === 'openai-completions' ? new ChatPassMeter(hideUsage, true) : new EventPassMeter(),
    readError,
  };
}
