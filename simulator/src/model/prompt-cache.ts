import { createHash } from 'node:crypto';

/** A piece of a prompt that a cache can end after. */
export interface CacheUnit {
  /** The bytes that must come again for a hit, without the marks themselves. */
  content: string;
  tokens: number;
  /** The caller asked to keep the prompt up to here. */
  keep?: '5m' | '1h' | undefined;
}

/** How a prompt's tokens stand to the cache; the rest of the input is neither. */
export interface CacheOutcome {
  read: number;
  write5m: number;
  write1h: number;
}

export interface PromptCache {
  /** Finds the longest kept prefix that the units begin with, and keeps the marked prefixes. */
  use(owner: string, units: readonly CacheUnit[]): CacheOutcome;
  reset(): void;
}

const lifetimes = { '5m': 5 * 60_000, '1h': 60 * 60_000 };
const mostKept = 10_000;

/** Remembers prefixes by the digest of their bytes, so that a hit proves that not one byte has changed. */
export function createPromptCache(now: () => number): PromptCache {
  const kept = new Map<string, { expires: number }>();

  return {
    use(owner, units) {
      const hash = createHash('sha256').update(owner);
      const prefixes: { digest: string; tokens: number; keep: '5m' | '1h' | undefined }[] = [];
      let tokens = 0;
      for (const unit of units) {
        hash.update(`\0${unit.content}`);
        tokens += unit.tokens;
        prefixes.push({ digest: hash.copy().digest('hex'), tokens, keep: unit.keep });
      }
      const lastMarked = prefixes.findLastIndex(({ keep }) => keep !== undefined);
      const outcome: CacheOutcome = { read: 0, write5m: 0, write1h: 0 };
      const hit = prefixes.slice(0, lastMarked + 1).findLastIndex(({ digest }) => {
        const entry = kept.get(digest);
        return entry !== undefined && entry.expires > now();
      });
      outcome.read = prefixes[hit]?.tokens ?? 0;
      let counted = outcome.read;
      for (const [index, { digest, tokens: upTo, keep }] of prefixes.entries()) {
        if (!keep) continue;
        if (index > hit) {
          outcome[keep === '1h' ? 'write1h' : 'write5m'] += upTo - counted;
          counted = upTo;
        }
        if (kept.size >= mostKept) kept.clear();
        kept.set(digest, { expires: now() + lifetimes[keep] });
      }
      return outcome;
    },
    reset: () => kept.clear(),
  };
}
