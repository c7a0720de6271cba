import type { TokenClass, TokenCounts } from '@bonito/protocol';
import { noteServed } from './served-as.ts';

/** The protocol's own bound; a larger figure is no count. */
const LARGEST_COUNT = 1_000_000_000_000;

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads the `usage` member of an OpenAI-compatible answer (chat, completions, embeddings; the names of the Responses API
 * too) into disjoint classes, whose sum is the provider's own total.
 *
 * - Details are parts of their total: each is cut to what is left of it, so that a wrong detail never adds tokens.
 * - `cached_tokens` (in the details, which Mistral also calls `prompt_token_details`, or beside the totals as Moonshot and
 *   Together have it), DeepSeek's `prompt_cache_hit_tokens`, Mistral's `num_cached_tokens`, OpenRouter's
 *   `cache_write_tokens` and the names of Anthropic's API, which LiteLLM, Vercel's gateway, Databricks and Alibaba use here
 *   or in the details, are parts of the prompt.
 * - `reasoning_tokens` beside the totals (SGLang, Databricks) is a part of the completion; where it is more than that, it
 *   is not (Perplexity's research models bill it apart).
 * - Where `total_tokens` is more than prompt and completion together, the rest was generated but not shown: xAI and
 *   Gemini's compatible endpoint count reasoning that way. It counts as reasoning.
 * - Mistral's `service_tier` says what the price hangs on besides.
 * - With `total_tokens` alone (Voyage's embeddings) all of it is input.
 *
 * @returns undefined when there is no figure to bill by: not an object, no total, or a total that is no count (negative,
 *   text, a fraction, absurdly large). A total that is null or absent beside a good one is zero.
 */
export function readOpenAiUsage(usage: unknown): TokenCounts | undefined {
  if (!isObject(usage)) return undefined;
  const prompt = readTotal(usage, 'prompt_tokens', 'input_tokens');
  const completion = readTotal(usage, 'completion_tokens', 'output_tokens');
  const total = count(usage.total_tokens);
  if (prompt === INVALID || completion === INVALID) return undefined;
  if (prompt === undefined && completion === undefined) {
    return total === undefined ? undefined : withoutZeros({ input: total });
  }
  const shown = (prompt ?? 0) + (completion ?? 0);
  const unshown = total !== undefined && total > shown ? total - shown : 0;
  const counts = splitInput(usage, prompt ?? 0);
  const split = withoutZeros(Object.assign(counts, splitOutput(usage, completion ?? 0, unshown)));
  return noteServed(split, usage.service_tier);
}

function splitInput(usage: Members, prompt: number): TokenCounts {
  const details = part(usage, 'prompt_tokens_details', 'prompt_token_details', 'input_tokens_details');
  const rest = new Remainder(prompt);
  const cache_read = rest.take(
    firstCount(
      details.cached_tokens,
      usage.prompt_cache_hit_tokens,
      usage.cached_tokens,
      usage.num_cached_tokens,
      usage.cache_read_input_tokens,
    ),
  );
  const written = rest.take(
    firstCount(
      details.cache_write_tokens,
      details.cache_creation_tokens,
      details.cache_creation_input_tokens,
      usage.cache_creation_input_tokens,
    ),
  );
  const cache_write_1h = Math.min(hourTokens(usage, details), written);
  const audio_input = rest.take(count(details.audio_tokens));
  const image_input = rest.take(count(details.image_tokens));
  const cache_write = written - cache_write_1h;
  return { cache_read, cache_write, cache_write_1h, audio_input, image_input, input: rest.left };
}

/** What of the tokens written to a cache stays there for an hour, by Anthropic's name, or LiteLLM's for its object. */
function hourTokens(usage: Members, details: Members): number {
  for (const times of [details.cache_creation, details.cache_creation_token_details, usage.cache_creation]) {
    const hour = isObject(times) ? count(times.ephemeral_1h_input_tokens) : undefined;
    if (hour !== undefined) return hour;
  }
  return 0;
}

function splitOutput(usage: Members, completion: number, unshown: number): TokenCounts {
  const details = part(usage, 'completion_tokens_details', 'output_tokens_details');
  const rest = new Remainder(completion);
  const beside = count(usage.reasoning_tokens) ?? 0;
  const said = count(details.reasoning_tokens) ?? (beside > completion + unshown ? 0 : beside);
  // Reasoning that explains what is not shown is not a part of what is.
  const reasoning = said - unshown;
  const shownReasoning = rest.take(Math.max(reasoning, 0));
  const audio_output = rest.take(count(details.audio_tokens));
  const image_output = rest.take(count(details.image_tokens));
  return { reasoning: shownReasoning + unshown, audio_output, image_output, output: rest.left };
}

/** What is left of a total while its parts are taken from it. */
class Remainder {
  left: number;

  constructor(total: number) {
    this.left = total;
  }

  take(wanted: number | undefined): number {
    const taken = Math.min(wanted ?? 0, this.left);
    this.left -= taken;
    return taken;
  }
}

const INVALID = Symbol('not a count');

function readTotal(usage: Members, ...names: string[]): number | undefined | typeof INVALID {
  for (const name of names) {
    const value = usage[name];
    if (value !== undefined && value !== null) return count(value) ?? INVALID;
  }
  return undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= LARGEST_COUNT
    ? value
    : undefined;
}

function firstCount(...values: unknown[]): number | undefined {
  for (const value of values) {
    const counted = count(value);
    if (counted !== undefined) return counted;
  }
  return undefined;
}

function part(usage: Members, ...names: string[]): Members {
  for (const name of names) {
    const value = usage[name];
    if (isObject(value)) return value;
  }
  return {};
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutZeros(counts: TokenCounts): TokenCounts {
  const kept: TokenCounts = {};
  for (const name in counts) {
    const value = counts[name as TokenClass];
    if (value !== undefined && value > 0) kept[name as TokenClass] = value;
  }
  return kept;
}
