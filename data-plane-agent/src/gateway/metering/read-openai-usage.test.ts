import { inputTokens, outputTokens, tokenCountsSchema } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOpenAiUsage } from './read-openai-usage.ts';

const odd = fc.oneof(
  fc.nat(1_000),
  fc.constantFrom<unknown>(null, undefined, -1, 1.5, '12', 1e15, Number.NaN, [], {}, true),
);
const details = fc.oneof(
  fc.record(
    {
      cached_tokens: odd,
      cache_write_tokens: odd,
      audio_tokens: odd,
      image_tokens: odd,
      reasoning_tokens: odd,
    },
    { requiredKeys: [] },
  ),
  odd,
);

describe('readOpenAiUsage', () => {
  it.each([
    ['a plain one', { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, { input: 10, output: 5 }],
    ['embeddings', { prompt_tokens: 8, total_tokens: 8 }, { input: 8 }],
    ['a total alone', { total_tokens: 8 }, { input: 8 }],
    ['names of the Responses API', { input_tokens: 3, output_tokens: 2 }, { input: 3, output: 2 }],
    [
      'all details',
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 30, audio_tokens: 5, accepted_prediction_tokens: 7 },
      },
      { cache_read: 60, audio_input: 10, input: 30, reasoning: 30, audio_output: 5, output: 15 },
    ],
    [
      "DeepSeek's",
      { prompt_tokens: 10, completion_tokens: 1, prompt_cache_hit_tokens: 8, prompt_cache_miss_tokens: 2 },
      { cache_read: 8, input: 2, output: 1 },
    ],
    [
      "Mistral's",
      { prompt_tokens: 10, completion_tokens: 1, num_cached_tokens: 8, prompt_token_details: {} },
      { cache_read: 8, input: 2, output: 1 },
    ],
    [
      "Mistral's details by their other name",
      {
        prompt_tokens: 10,
        completion_tokens: 1,
        prompt_token_details: { cached_tokens: 3, audio_tokens: 2 },
      },
      { cache_read: 3, audio_input: 2, input: 5, output: 1 },
    ],
    [
      "Alibaba's, and LiteLLM's of Claude: written for five minutes and for an hour",
      {
        prompt_tokens: 20,
        completion_tokens: 1,
        prompt_tokens_details: {
          cached_tokens: 3,
          cache_creation_input_tokens: 9,
          cache_creation: { ephemeral_5m_input_tokens: 5, ephemeral_1h_input_tokens: 4 },
        },
      },
      { cache_read: 3, cache_write: 5, cache_write_1h: 4, input: 8, output: 1 },
    ],
    [
      'more written for an hour than written',
      {
        prompt_tokens: 9,
        cache_creation_input_tokens: 4,
        prompt_tokens_details: { cache_creation_token_details: { ephemeral_1h_input_tokens: 5 } },
      },
      { cache_write_1h: 4, input: 5 },
    ],
    [
      'details larger than the total',
      { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 8, audio_tokens: 8 } },
      { cache_read: 8, audio_input: 2 },
    ],
    [
      'reasoning beside completion, as xAI counts',
      {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 35,
        completion_tokens_details: { reasoning_tokens: 20 },
      },
      { input: 10, output: 5, reasoning: 20 },
    ],
    [
      "reasoning that only the total knows, as Gemini's",
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35 },
      { input: 10, output: 5, reasoning: 20 },
    ],
    [
      "Moonshot's and Together's cache, beside the totals",
      { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11, cached_tokens: 8 },
      { cache_read: 8, input: 2, output: 1 },
    ],
    [
      "a cache by the names of Anthropic's API, as LiteLLM and Databricks have it",
      {
        prompt_tokens: 20,
        completion_tokens: 1,
        total_tokens: 21,
        cache_read_input_tokens: 8,
        cache_creation_input_tokens: 5,
      },
      { cache_read: 8, cache_write: 5, input: 7, output: 1 },
    ],
    [
      "SGLang's reasoning, beside the totals",
      { prompt_tokens: 4, completion_tokens: 9, total_tokens: 13, reasoning_tokens: 6 },
      { input: 4, reasoning: 6, output: 3 },
    ],
    [
      "Perplexity's research, whose reasoning is no part of the total",
      {
        prompt_tokens: 4,
        completion_tokens: 9,
        total_tokens: 13,
        citation_tokens: 50,
        reasoning_tokens: 900,
      },
      { input: 4, output: 9 },
    ],
    [
      "xAI's pictures and cache",
      {
        prompt_tokens: 30,
        completion_tokens: 2,
        total_tokens: 32,
        prompt_tokens_details: { text_tokens: 10, image_tokens: 20, audio_tokens: 0, cached_tokens: 5 },
      },
      { cache_read: 5, image_input: 20, input: 5, output: 2 },
    ],
    ['null beside a figure', { prompt_tokens: 4, completion_tokens: null }, { input: 4 }],
    ['zeros', { prompt_tokens: 0, completion_tokens: 0 }, {}],
  ])('reads %s', (_name, usage, expected) => {
    expect(readOpenAiUsage(usage)).toEqual(expected);
  });

  it.each([
    null,
    undefined,
    [],
    7,
    'usage',
    {},
    { prompt_tokens: -1, completion_tokens: 5 },
    { prompt_tokens: '10', completion_tokens: 5 },
    { prompt_tokens: 10, completion_tokens: 5.5 },
    { prompt_tokens: 1e300 },
  ])('finds no figure in %j', (usage) => {
    expect(readOpenAiUsage(usage)).toBeUndefined();
  });

  it("sums up to the provider's totals, whatever the details say", () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            prompt_tokens: odd,
            completion_tokens: odd,
            total_tokens: odd,
            prompt_tokens_details: details,
            completion_tokens_details: details,
            prompt_cache_hit_tokens: odd,
          },
          { requiredKeys: [] },
        ),
        (usage) => {
          const counts = readOpenAiUsage(usage);
          if (counts === undefined) return;
          tokenCountsSchema.parse(counts);
          const prompt = typeof usage.prompt_tokens === 'number' ? usage.prompt_tokens : 0;
          const completion = typeof usage.completion_tokens === 'number' ? usage.completion_tokens : 0;
          const isCount = Number.isSafeInteger(usage.total_tokens) && (usage.total_tokens as number) <= 1e12;
          const total = isCount
            ? Math.max(usage.total_tokens as number, prompt + completion)
            : prompt + completion;
          expect(inputTokens(counts) + outputTokens(counts)).toBe(total);
          if (prompt + completion > 0) expect(inputTokens(counts)).toBe(prompt);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
