import { describe, expect, it } from 'vitest';
import { catalogEntries, findCatalogEntry, type Seller } from './catalog.ts';
import { soldPrice } from './sold-price.ts';

const NOW = Date.parse('2026-11-21T00:00:00Z');
const at = (kind: string, place: Partial<Seller> = {}): Seller => ({
  ...{ kind, preset: null, region: null, base_url: 'https://api.example.com' },
  ...place,
});
const sold = (seller: Seller, model: string) => {
  const entry = findCatalogEntry(seller, model);
  return entry && soldPrice(entry, seller, NOW);
};

describe('what a provider asks for a model', () => {
  it('is half under flex and batch, and what the seller publishes under priority, where that is short', () => {
    const price = sold(at('openai'), 'gpt-5.4');
    expect(price?.per_million).toEqual({
      input: 2_500_000_000,
      cache_read: 250_000_000,
      output: 15_000_000_000,
    });
    expect(price?.variants).toMatchObject([
      { tier: 'batch', per_million: { input: 1_250_000_000, output: 7_500_000_000 } },
      {
        tier: 'flex',
        per_million: { input: 1_250_000_000, cache_read: 125_000_000 },
        thresholds: [{ above_input_tokens: 271_999, per_million: { input: 2_500_000_000 } }],
      },
      {
        tier: 'priority',
        per_million: { input: 5_000_000_000, cache_read: 500_000_000, output: 30_000_000_000 },
        // Nobody publishes what a long one costs there.
        thresholds: [{ above_input_tokens: 271_999, per_million: {} }],
      },
    ]);
  });

  it('is more in a geography that a request asks for, under a tier as well', () => {
    const [batch, us, both] = sold(at('anthropic'), 'claude-opus-4-6')?.variants ?? [];
    expect(batch).toMatchObject({ tier: 'batch', per_million: { input: 2_500_000_000 } });
    expect(us).toMatchObject({
      geography: 'us',
      per_million: { input: 5_500_000_000, cache_write_1h: 11_000_000_000 },
    });
    expect(us).not.toHaveProperty('tier');
    expect(both).toMatchObject({ tier: 'batch', geography: 'us', per_million: { output: 13_750_000_000 } });
    // Older models do not have it.
    expect(sold(at('anthropic'), 'claude-haiku-4-5')?.variants).toHaveLength(1);
  });

  it.each([
    ['at the global endpoint', at('vertex', { region: 'global' }), 'claude-opus-4-6', 5_000_000_000],
    ['in a region', at('vertex', { region: 'europe-west4' }), 'claude-opus-4-6', 5_500_000_000],
    ['in a multi-region', at('vertex', { region: 'eu' }), 'claude-opus-4-6', 5_500_000_000],
    ['in a region for an older model', at('vertex', { region: 'eu' }), 'claude-4-sonnet', 3_000_000_000],
    ['of a region for Google’s own', at('vertex', { region: 'eu' }), 'gemini-3.8-flash', 750_000_000],
    ['at OpenAI', at('openai', { base_url: 'https://api.openai.com/v1' }), 'gpt-5.4', 2_500_000_000],
    [
      'at OpenAI in Europe',
      at('openai', { base_url: 'https://eu.api.openai.com/v1' }),
      'gpt-5.4',
      2_750_000_000,
    ],
    [
      'at OpenAI in Europe, older',
      at('openai', { base_url: 'https://eu.api.openai.com/v1' }),
      'gpt-5.1',
      1_250_000_000,
    ],
    ['of a global profile', at('bedrock'), 'global.anthropic.claude-haiku-4-5-20251001-v1:0', 1_000_000_000],
    ['of a geography’s profile', at('bedrock'), 'eu.anthropic.claude-haiku-4-5-20251001-v1:0', 1_100_000_000],
  ])('%s', (_name, seller, model, input) => {
    expect(sold(seller, model)?.per_million.input).toBe(input);
  });

  it('knows tiers of the Gemini API alone, where what is cached costs the same in all', () => {
    const priority = sold(at('gemini'), 'gemini-3.8-flash')?.variants?.find(
      ({ tier }) => tier === 'priority',
    );
    expect(priority?.per_million).toEqual({
      input: 1_350_000_000,
      cache_read: 75_000_000,
      output: 6_750_000_000,
    });
    expect(sold(at('vertex'), 'gemini-3.8-flash')?.variants).toEqual([]);
  });

  it('is one for all tiers where a seller has none', () => {
    expect(sold(at('openai-compatible', { preset: 'mistral' }), 'mistral-large-latest')?.variants).toBeNull();
    expect(sold(at('openai-compatible', { preset: 'openai' }), 'o3')?.variants).toHaveLength(2);
  });

  it('is paid by the second or the character where nothing is counted in tokens', () => {
    expect(sold(at('openai'), 'whisper-1')?.per_million).toEqual({ audio_seconds: 100_000_000_000 });
    expect(sold(at('openai'), 'tts-1-hd')?.per_million).toEqual({ characters: 30_000_000_000 });
    // Ten seconds at least are billed there, which no figure says.
    expect(sold(at('openai-compatible', { preset: 'groq' }), 'whisper-large-v3')).toBeUndefined();
  });

  it('names a source for every tier, surcharge and capability', () => {
    for (const { tiers, uplifts, capabilities } of catalogEntries()) {
      for (const { sources } of [...tiers, ...uplifts]) {
        expect(sources.length).toBeGreaterThan(0);
        expect(sources.every((source) => source.startsWith('https://'))).toBe(true);
      }
      if (capabilities) {
        expect(capabilities.source).toMatch(/^https:\/\//);
        expect(capabilities.names.length).toBeGreaterThan(0);
      }
    }
  });

  it('knows what models can be called for, where their sellers say it', () => {
    const names = (kind: string, model: string, preset: string | null = null) =>
      findCatalogEntry({ kind, preset }, model)?.capabilities?.names;
    expect(names('openai', 'text-embedding-3-small')).toEqual(['embeddings']);
    expect(names('openai', 'gpt-4o-mini-tts')).toEqual(['speech']);
    expect(names('openai', 'gpt-realtime')).toBeUndefined();
    expect(names('bedrock', 'eu.anthropic.claude-haiku-4-5-20251001-v1:0')).toEqual(['chat']);
    expect(names('gemini', 'gemini-embedding-001')).toEqual(['embeddings']);
    expect(names('cohere', 'embed-v4.0')).toEqual(['embeddings']);
    expect(names('openai-compatible', 'Qwen/Qwen1.5-0.5B', 'together')).toBeUndefined();
  });
});
