import type { TokenCounts } from '@bonito/protocol';
import { type GoogleWire, isObject, type JsonObject } from '../../chat/wire.ts';
import { readGeminiUsage } from '../../metering/read-gemini-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import type { CallAddress, PassDialect } from '../provider-kind.ts';
import { GeminiPassMeter } from './gemini-pass-meter.ts';
import { readError } from './read-error.ts';

/** A host of Google's as its own clients see it. */
export interface GoogleHost {
  address(target: CompiledTarget, method: string): CallAddress;
  /** The model's name inside of bodies, `models/…`; absent where bodies name none. */
  readonly bodyModel?: ((target: CompiledTarget) => string) | undefined;
}

const METHODS: Readonly<Record<GoogleWire, string>> = {
  'google-count-tokens': 'countTokens',
  'google-embed': 'embedContent',
  'google-batch-embed': 'batchEmbedContents',
  'google-predict': 'predict',
};

/** Google's methods beside chat, for clients that call them themselves: bytes flow, but for the model's name in them. */
export function googlePasses(wires: readonly GoogleWire[], host: GoogleHost): PassDialect[] {
  return wires.map((wire) => ({
    wire,
    framing: 'sse',
    // Vectors and pictures: their size says nothing about tokens.
    media: { request: false, answer: true },
    address: (target) => host.address(target, METHODS[wire]),
    pass: ({ body }, target) => ({ edits: renamed(body, host.bodyModel?.(target)), dropped: [] }),
    readUsage: (body) => READERS[wire](body),
    passMeter: () => new GeminiPassMeter(),
    readError,
  }));
}

const READERS: Readonly<Record<GoogleWire, (answer: JsonObject) => TokenCounts | undefined>> = {
  // It costs nothing.
  'google-count-tokens': () => ({}),
  'google-embed': ({ usageMetadata }) => readGeminiUsage(usageMetadata),
  'google-batch-embed': ({ usageMetadata }) => readGeminiUsage(usageMetadata),
  'google-predict': readPredictUsage,
};

/** Figures of Vertex AI's embeddings, and how many pictures Imagen drew. */
function readPredictUsage({ predictions, metadata }: JsonObject): TokenCounts | undefined {
  const tokens = predictionTokens(predictions);
  if (tokens !== undefined) return tokens > 0 ? { input: tokens } : {};
  const made = Array.isArray(predictions) ? predictions.filter(isPicture).length : 0;
  if (made > 0) return { images: made };
  return isObject(metadata) ? readGeminiUsage(metadata.usageMetadata) : undefined;
}

/** The sum of what each embedding says; undefined where none says anything. */
export function predictionTokens(predictions: unknown): number | undefined {
  if (!Array.isArray(predictions)) return undefined;
  let sum: number | undefined;
  for (const one of predictions) {
    const embedding = isObject(one) ? one.embeddings : undefined;
    const statistics = isObject(embedding) ? embedding.statistics : undefined;
    const count = isObject(statistics) ? statistics.token_count : undefined;
    if (typeof count === 'number' && count >= 0) sum = (sum ?? 0) + Math.round(count);
  }
  return sum;
}

function isPicture(prediction: unknown): boolean {
  return (
    isObject(prediction) &&
    (typeof prediction.bytesBase64Encoded === 'string' || typeof prediction.gcsUri === 'string')
  );
}

/** Bodies repeat the path's model, alone or in each item; the two have to be the same. */
function renamed(body: JsonObject, model: string | undefined): Record<string, unknown> {
  const edits: Record<string, unknown> = {};
  if (model === undefined) return edits;
  if (body.model !== undefined && body.model !== model) edits.model = model;
  if (Array.isArray(body.requests)) {
    const requests: unknown[] = body.requests;
    edits.requests = requests.map((one) => (isObject(one) ? { ...one, model } : one));
  }
  const { generateContentRequest: request } = body;
  if (isObject(request) && request.model !== model) edits.generateContentRequest = { ...request, model };
  return edits;
}
