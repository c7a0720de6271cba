import type { Capability } from '@bonito/protocol';
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

/** What a model costs from a day on. Nano-USD for a million of each class. */
export interface CatalogPrice {
  /** The first day, `2026-04-30`, in UTC; null: always. */
  from: string | null;
  per_million: PriceFigures;
  /** Other figures for whole requests whose input is longer than so many tokens. In rising order. */
  thresholds?: { above_input_tokens: number; per_million: PriceFigures }[];
}

/** What a service tier costs, against the price in force. */
export interface CatalogTier {
  tier: string;
  /** Kinds of providers that sell it at this price. */
  kinds: string[];
  /** In thousandths of the standard price, long requests included; or figures of its own, which are for short ones. */
  price: { permille: number; except?: (keyof PriceFigures)[] } | { per_million: PriceFigures };
  sources: string[];
}

/** A surcharge for where a request is processed. */
export interface CatalogUplift {
  kinds: string[];
  /**
   * `regional_endpoint`: all that goes through a provider whose address is bound to a region. A `geography`: what the answer
   * says was processed there.
   */
  when: 'regional_endpoint' | { geography: string };
  /** In thousandths of the price: 1100 is a tenth more. */
  permille: number;
  sources: string[];
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
  /** What it can be called for, where the seller says so; null where that is not known. */
  capabilities: { names: Capability[]; source: string } | null;
  deprecated: boolean;
  /** The last one that has begun is in force. */
  prices: CatalogPrice[];
  /** Service tiers with a published price of their own. */
  tiers: CatalogTier[];
  uplifts: CatalogUplift[];
  /** What it charges besides, which is not counted here: `web_searches_kcount`. */
  other_fees: string[];
  /** Where the seller publishes its prices. */
  sources: string[];
}

/** An entry as the price list has it; what is known besides is added when it is read. */
export type ListedEntry = Omit<CatalogEntry, 'capabilities' | 'uplifts'>;
