import { PROVIDER_KINDS, PROVIDER_PRESETS, USAGE_CLASSES } from '@bonito/protocol';
import { findProvider } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { catalogEntries, findCatalogEntry, priceOn } from './catalog.ts';
import { CATALOG_LINES } from './catalog-data.ts';
import { readGenaiPrices } from './read-genai-prices.ts';

const NOW = Date.parse('2026-11-21T00:00:00Z');
const at = (kind: string, preset: string | null = null) => ({ kind, preset });

describe('the catalog', () => {
  it('is what the installed price list says', () => {
    const entries = readGenaiPrices((seller) => findProvider({ providerId: seller }));
    expect(CATALOG_LINES.trim().split('\n')).toEqual(entries.map((entry) => JSON.stringify(entry)));
  });

  it('holds only entries with a source, a price and a kind of ours, each under an id of its own', () => {
    const presets = PROVIDER_PRESETS.map(({ name }) => name);
    for (const entry of catalogEntries()) {
      expect(entry.sources.every((source) => source.startsWith('https://'))).toBe(true);
      expect(entry.sources.length).toBeGreaterThan(0);
      expect(PROVIDER_KINDS).toEqual(expect.arrayContaining(entry.kinds));
      if (entry.preset !== null) expect(presets).toContain(entry.preset);
      for (const { per_million } of entry.prices) {
        expect(Object.keys(per_million).length).toBeGreaterThan(0);
        expect(USAGE_CLASSES).toEqual(expect.arrayContaining(Object.keys(per_million)));
        expect(Object.values(per_million).every(Number.isSafeInteger)).toBe(true);
      }
    }
    expect(new Set(catalogEntries().map(({ id }) => id)).size).toBe(catalogEntries().length);
  });

  it('finds a model by the names that its provider gives it', () => {
    expect(findCatalogEntry(at('openai'), 'gpt-4o-2024-08-06')?.id).toBe('openai/gpt-4o');
    expect(findCatalogEntry(at('anthropic'), 'claude-haiku-4-5-20251001')?.id).toBe(
      'anthropic/claude-haiku-4-5',
    );
    expect(findCatalogEntry(at('bedrock'), 'eu.anthropic.claude-haiku-4-5-20251001-v1:0')?.seller).toBe(
      'aws',
    );
    expect(findCatalogEntry(at('openai-compatible', 'openai'), 'gpt-4o')?.id).toBe('openai/gpt-4o');
    expect(findCatalogEntry(at('openai-compatible', 'mistral'), 'gpt-4o')).toBeUndefined();
  });

  it('has nothing for names that say nothing', () => {
    expect(findCatalogEntry(at('azure-openai'), 'gpt-4o')).toBeUndefined();
    expect(findCatalogEntry(at('openai-compatible'), 'gpt-4o')).toBeUndefined();
    expect(
      findCatalogEntry(
        at('bedrock'),
        'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/ab12',
      ),
    ).toBeUndefined();
  });

  it('knows the price of a day, in nano-USD, with the hour’s cache apart', () => {
    const haiku = findCatalogEntry(at('anthropic'), 'claude-haiku-4-5');
    expect(haiku && priceOn(haiku, NOW)?.per_million).toEqual({
      input: 1_000_000_000,
      cache_read: 100_000_000,
      cache_write: 1_250_000_000,
      cache_write_1h: 2_000_000_000,
      output: 5_000_000_000,
    });
    const dated = catalogEntries().find(({ prices }) => prices.some(({ from }) => from !== null));
    const last = dated?.prices.at(-1);
    expect(dated && priceOn(dated, Date.parse(last?.from ?? ''))).toBe(last);
    expect(dated && priceOn(dated, Date.parse(last?.from ?? '') - 1)).not.toBe(last);
  });

  it('has other figures for long requests, which hold for all classes', () => {
    const opus = findCatalogEntry(at('vertex'), 'claude-opus-4-6');
    expect(opus && priceOn(opus, NOW)).toMatchObject({
      per_million: { input: 5_000_000_000, output: 25_000_000_000 },
      thresholds: [
        { above_input_tokens: 200_000, per_million: { input: 10_000_000_000, output: 37_500_000_000 } },
      ],
    });
  });

  it('gives partners’ models to Google’s cloud alone', () => {
    expect(findCatalogEntry(at('gemini'), 'claude-opus-4-6')).toBeUndefined();
    expect(findCatalogEntry(at('gemini'), 'gemini-2.5-flash')?.id).toBe('google/gemini-2.5-flash');
  });
});
