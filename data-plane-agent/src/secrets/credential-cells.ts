import type { Clock, CredentialProblem, Random } from '../gateway/ports.ts';
import { type Fetched, Renewing } from './renewing.ts';

/** Something that keeps a credential: what the gateway's port is made of. */
export interface Holder<Value extends object> {
  /** See `Renewing`. */
  read(): Value | Promise<Value | undefined> | undefined;
  /** @throws CredentialError */
  get(): Promise<Value>;
  /** Gets it anew from where it comes, whatever is in memory. @throws CredentialError */
  renew(): Promise<Value>;
  problem(): CredentialProblem | undefined;
  refused(dead: boolean): void;
}

/** Values by what they are made from, so that all who need the same one share it and its renewal. */
export interface Cells {
  /**
   * @param kind `azure managed_identity`; a word of a closed set, which may stand in a log
   * @param parts everything else that the value depends on
   */
  cell<Value extends object>(
    kind: string,
    parts: readonly unknown[],
    fetch: () => Promise<Fetched<Value>>,
  ): Holder<Value>;
}

/** Told of every fetch that failed. */
export type FetchFailed = (kind: string, problem: CredentialProblem) => void;

/** Providers are at most 1,000 and a chain has at most 8 roles; beyond this, the oldest are made anew when needed. */
const LIMIT = 10_000;

export function createCells(
  clock: Pick<Clock, 'monotonic'>,
  random: Pick<Random, 'fraction'>,
  failed?: FetchFailed,
): Cells {
  const cells = new Map<string, Holder<object>>();
  return {
    cell<Value extends object>(
      kind: string,
      parts: readonly unknown[],
      fetch: () => Promise<Fetched<Value>>,
    ): Holder<Value> {
      const name = JSON.stringify([kind, parts]);
      // A name stands for one fetch, and so for one type.
      const known = cells.get(name) as Holder<Value> | undefined;
      if (known) return known;
      const made = new Renewing<Value>({
        fetch,
        clock,
        random,
        failed: failed && ((problem) => failed(kind, problem)),
      });
      for (const oldest of cells.keys()) {
        if (cells.size < LIMIT) break;
        cells.delete(oldest);
      }
      cells.set(name, made);
      return made;
    },
  };
}
