import { listFor, type Price, type PriceList, type TokenCounts, UNPRICED } from '@bonito/protocol';
import type { JsonObject } from '../chat/wire.ts';
import type { Operation } from '../providers/provider-kind.ts';
import { tierName } from './served-as.ts';

/** What of a request its cost may hang on. A request of the pipeline is one. */
export interface BilledRequest {
  readonly surface: { readonly operation: Operation | undefined };
  readonly parsed: { readonly value: JsonObject } | undefined;
  readonly incoming: { readonly headers: Readonly<Record<string, string | string[] | undefined>> };
}

/** What was counted of an attempt that the client got its answer from, or of one that failed. */
export interface Counted {
  readonly tokens: TokenCounts;
  readonly quality: 'exact' | 'estimated' | 'unknown';
  /** Undefined when the client has its answer. */
  readonly failure?: unknown;
}

/** Operations on pictures and sounds: the size of neither side says anything about what they cost. */
const MEDIA: ReadonlySet<Operation | undefined> = new Set<Operation>([
  'images.generate',
  'images.edit',
  'audio.transcribe',
  'audio.translate',
  'audio.speak',
]);

/**
 * What an attempt used. Where the provider counted nothing of a text that it spoke, it is the text's length, which some speech
 * is paid by.
 */
export function countsOf(request: BilledRequest, counted: Counted): TokenCounts {
  const { tokens, quality, failure } = counted;
  if (request.surface.operation !== 'audio.speak' || quality === 'exact' || failure !== undefined)
    return tokens;
  const text = request.parsed?.value.input;
  return typeof text === 'string' && text !== '' ? { characters: codePoints(text) } : tokens;
}

/**
 * The figures that an attempt is billed by; `UNPRICED` where something that it used, or the tier or geography that it was
 * served under, has no price, and where nobody counted pictures or sounds. The answer's own word for the tier counts, the
 * client's where there is none.
 *
 * @param tokens as `countsOf` says
 */
export function priceListFor(
  request: BilledRequest,
  counted: Counted,
  tokens: TokenCounts,
  price: Price,
): PriceList {
  const { operation } = request.surface;
  if (operation !== undefined && counted.quality !== 'exact' && MEDIA.has(operation)) {
    const uncounted = counted.failure === undefined && tokens.characters === undefined;
    if (uncounted && !isFree(price)) return UNPRICED;
  }
  if (price.variants === undefined) return listFor(tokens, price);
  return listFor(tokens, price, askedTier(request), askedGeography(request.parsed?.value));
}

/** Capacity that is paid by the hour: whatever it does costs nothing more. */
function isFree({ per_million: figures }: Price): boolean {
  const { input, output, images, audio_seconds: seconds } = figures;
  return input === 0 && output === 0 && images === 0 && seconds === 0;
}

/**
 * The tier that the client asked for, in any of the wires' spellings: a member of OpenAI's, Anthropic's and Gemini's bodies, an
 * object in Converse's, a header of InvokeModel, Anthropic's `speed`.
 */
function askedTier({ parsed, incoming }: BilledRequest): string | undefined {
  const body = parsed?.value;
  if (!body) return undefined;
  if (body.speed === 'fast') return 'fast';
  const { service_tier, serviceTier } = body;
  const isObject = typeof serviceTier === 'object' && serviceTier !== null;
  const camel = isObject && 'type' in serviceTier ? serviceTier.type : serviceTier;
  return tierName(service_tier ?? camel ?? incoming.headers['x-amzn-bedrock-service-tier']);
}

function askedGeography(body: JsonObject | undefined): string | undefined {
  const geography = body?.inference_geo;
  return typeof geography === 'string' && geography !== '' ? geography.toLowerCase() : undefined;
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
