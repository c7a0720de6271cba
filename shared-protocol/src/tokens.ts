import { z } from 'zod';

/**
 * The classes that tokens are counted in. They are disjoint: a token that was read from a cache is not also `input`, one
 * spent on reasoning is not also `output`, so that a bill is a plain sum over the classes.
 */
export const TOKEN_CLASSES = [
  'input',
  'cache_read',
  /** Written for the provider's usual time, five minutes at Anthropic. */
  'cache_write',
  'cache_write_1h',
  'audio_input',
  'image_input',
  'output',
  'reasoning',
  'audio_output',
  'image_output',
] as const;

export type TokenClass = (typeof TOKEN_CLASSES)[number];

/**
 * What is billed without being tokens. Nothing stands in for the price of one of these: without a figure of its own its cost is
 * unknown.
 */
export const UNIT_CLASSES = [
  /** Of a rerank, as the provider counts them: Cohere's search units. */
  'searches',
  /** Of the sound that was transcribed, begun seconds counting whole. */
  'audio_seconds',
  /** Of the text that was spoken, in Unicode code points. */
  'characters',
  /** Pictures that were made, where they are not counted in tokens. */
  'images',
] as const;

export type UnitClass = (typeof UNIT_CLASSES)[number];

/** Everything that is counted and can have a price. */
export const USAGE_CLASSES = [...TOKEN_CLASSES, ...UNIT_CLASSES] as const;
export type UsageClass = TokenClass | UnitClass;

/**
 * How the provider says that it served the request, where its price hangs on that: the service tier, in the tier's own word,
 * and the geography. They travel beside the counts, inside the process only: JSON leaves symbols out.
 */
export const SERVED_TIER: unique symbol = Symbol('the service tier that the answer named');
export const SERVED_GEOGRAPHY: unique symbol = Symbol('the geography that the answer named');

/** What the provider bills, where that is less than what its model read and said; travels as the tier does. */
export const BILLED: unique symbol = Symbol('the counts that the provider bills');

const count = z.int().min(0).max(1_000_000_000_000);

/** Counts by class; a class that is absent is zero. */
export const tokenCountsSchema = z.partialRecord(z.enum(USAGE_CLASSES), count);
export type TokenCounts = { [Class in UsageClass]?: number };

/** Counts that may say besides how the provider served the request. */
export type ServedCounts = TokenCounts & {
  [SERVED_TIER]?: string;
  [SERVED_GEOGRAPHY]?: string;
  [BILLED]?: TokenCounts;
};

const INPUT_CLASSES: readonly TokenClass[] = [
  'input',
  'cache_read',
  'cache_write',
  'cache_write_1h',
  'audio_input',
  'image_input',
];
const OUTPUT_CLASSES: readonly TokenClass[] = ['output', 'reasoning', 'audio_output', 'image_output'];

/** All tokens that went in, whatever their class. */
export function inputTokens(counts: TokenCounts): number {
  return sum(counts, INPUT_CLASSES);
}

/** All tokens that came out, whatever their class. */
export function outputTokens(counts: TokenCounts): number {
  return sum(counts, OUTPUT_CLASSES);
}

/** Adds counts class by class; classes that are zero everywhere stay absent. Served as the last that says it. */
export function addTokens(...all: ServedCounts[]): TokenCounts {
  const total: ServedCounts = {};
  if (all.some((counts) => counts[BILLED])) total[BILLED] = addTokens(...all.map(billedOf));
  for (const counts of all) {
    for (const name of USAGE_CLASSES) {
      const value = counts[name];
      if (value) total[name] = (total[name] ?? 0) + value;
    }
    const { [SERVED_TIER]: tier, [SERVED_GEOGRAPHY]: geography } = counts;
    if (tier !== undefined) total[SERVED_TIER] = tier;
    if (geography !== undefined) total[SERVED_GEOGRAPHY] = geography;
  }
  return total;
}

/** The counts that cost something: mostly what was used. */
export function billedOf(counts: ServedCounts): TokenCounts {
  return counts[BILLED] ?? counts;
}

/** What stands in for the price of a class of tokens. */
export const SIDES: ReadonlyMap<UsageClass, 'input' | 'output'> = new Map([
  ...INPUT_CLASSES.map((name) => [name, 'input'] as const),
  ...OUTPUT_CLASSES.map((name) => [name, 'output'] as const),
]);

function sum(counts: TokenCounts, classes: readonly TokenClass[]): number {
  let total = 0;
  for (const name of classes) total += counts[name] ?? 0;
  return total;
}
