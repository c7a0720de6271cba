import type { PriceFigures } from '../services/deployments/price.ts';

/** Which names at the provider an entry stands for; compared in lower case. */
export type NameMatch =
  | { equals: string }
  | { starts_with: string }
  | { ends_with: string }
  | { contains: string }
  | { regex: string }
  | { or: NameMatch[] }
  | { and: NameMatch[] };

/** What a model costs from a day on. Nano-USD for a million tokens of each class. */
export interface CatalogPrice {
  /** The first day, `2026-04-30`, in UTC; null: always. */
  from: string | null;
  per_million: PriceFigures;
  /** Other figures for whole requests whose input is longer than so many tokens. In rising order. */
  thresholds?: { above_input_tokens: number; per_million: PriceFigures }[];
}

/** One model as a provider sells it. */
export interface CatalogEntry {
  /** The seller, and the model's name in the list that the entry came from. */
  id: string;
  seller: string;
  model: string;
  name: string | null;
  /** Kinds of providers that this price is for. */
  kinds: string[];
  /** Of the kind `openai-compatible`: which preset. */
  preset: string | null;
  match: NameMatch;
  context_window: number | null;
  deprecated: boolean;
  /** The last one that has begun is in force. */
  prices: CatalogPrice[];
  /** What it charges besides tokens, which is not counted here: `web_searches_kcount`. */
  other_fees: string[];
  /** Where the seller publishes its prices. */
  sources: string[];
}
