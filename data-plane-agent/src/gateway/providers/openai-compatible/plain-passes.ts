import { isObject, type JsonObject, type OperationWire } from '../../chat/wire.ts';
import { readCohereUsage } from '../../metering/read-cohere-usage.ts';
import { countMedia, type MediaOutput, readMediaUsage } from '../../metering/read-media-usage.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { CallAddress, PassDialect, PassEdits, PassInput } from '../provider-kind.ts';
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

/** Requests or answers with pictures and sounds in them. */
const MEDIA: Readonly<
  Partial<Record<PlainWire, { request: boolean; answer: boolean; output: MediaOutput }>>
> = {
  'openai-images': { request: false, answer: true, output: 'image' },
  'openai-image-edits': { request: true, answer: true, output: 'image' },
  // A transcript's size says nothing about what Whisper costs, which is paid by the second.
  'openai-transcriptions': { request: true, answer: true, output: 'text' },
  'openai-translations': { request: true, answer: true, output: 'text' },
  'openai-speech': { request: false, answer: true, output: 'audio' },
};

/** Their answers are text where clients ask for it (`response_format=srt`). */
const TEXT_ANSWERS: ReadonlySet<PlainWire> = new Set(['openai-transcriptions', 'openai-translations']);

/**
 * A request other than chat at a server that speaks its wire: bytes flow, but for the model's name and, in a stream of text
 * completions, the usage chunk.
 *
 * @param lacksUsage the server refuses `stream_options`
 */
export function plainPass(
  wire: PlainWire,
  address: (path: string, target: CompiledTarget) => CallAddress,
  lacksUsage: (target: CompiledTarget) => boolean = refusesOptions,
): PassDialect {
  const media = MEDIA[wire];
  return {
    wire,
    framing: 'sse',
    binary: wire === 'openai-speech',
    textAnswers: TEXT_ANSWERS.has(wire),
    media,
    address: (target) => address(OPERATION_PATHS[wire], target),
    pass(input, target) {
      const model = target.deployment.upstream_model;
      const renamed = input.body.model === model ? {} : { model };
      if (wire !== 'openai-completions') return { edits: renamed, dropped: [] };
      const { edits, dropped } = usageEdits(input, lacksUsage(target));
      return { edits: { ...renamed, ...edits }, dropped };
    },
    readUsage: (body) => {
      if (!media) return readOpenAiUsage(body.usage) ?? readCohereUsage(body.meta);
      return readMediaUsage(body.usage, media.output) ?? countMedia(body, media.output);
    },
    passMeter: (hideUsage) =>
      wire === 'openai-completions' ? new ChatPassMeter(hideUsage, true) : new EventPassMeter(media?.output),
    readError,
  };
}

function refusesOptions({ provider }: CompiledTarget): boolean {
  return provider.config.stream_options === false;
}

/** Asks for the usage chunk in a stream, where the server knows how to be asked. */
function usageEdits({ body, stream }: PassInput, lacksUsage: boolean): PassEdits {
  const options: JsonObject | undefined = isObject(body.stream_options) ? body.stream_options : undefined;
  if (lacksUsage) {
    if (body.stream_options === undefined) return { edits: {}, dropped: [] };
    return { edits: { stream_options: undefined }, dropped: ['stream_options'] };
  }
  if (!stream || options?.include_usage === true) return { edits: {}, dropped: [] };
  return { edits: { stream_options: { ...options, include_usage: true } }, dropped: [] };
}
