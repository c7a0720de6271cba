/** How an attempt ended: by itself, by a fault that breaks it off, or because the caller went away. */
export type AttemptOutcome = 'running' | 'completed' | 'cut' | 'aborted';

/** One request whose body arrived whole. */
export interface Attempt {
  sequence: number;
  path: string;
  model: string | null;
  /** Known when the attempt has ended; 0 when no head was sent. */
  status: number;
  stream: boolean;
  outcome: AttemptOutcome;
  input_tokens: number;
  output_tokens: number;
  request_id: string | null;
  /** Received header names in lower case, sorted. */
  header_names: string[];
  /** Received headers, but for credentials. */
  headers: Record<string, string>;
  /** SHA-256 of the bearer credential or API key, or null. */
  credential_sha256: string | null;
  body_bytes: number;
  body_sha256: string;
}

/** Sums over every attempt since the start or the last reset. */
export interface AttemptTotals {
  total: number;
  running: number;
  completed: number;
  cut: number;
  aborted: number;
  /** Most attempts that ran at once. */
  most_running: number;
  input_tokens: number;
  output_tokens: number;
  by_model: Record<string, number>;
  /** Of ended attempts; status 0 had no head sent. */
  by_status: Record<string, number>;
}

/** What an attempt adds when it ends. */
interface AttemptEnd {
  outcome: Exclude<AttemptOutcome, 'running'>;
  inputTokens: number;
  outputTokens: number;
}

export interface AttemptLedger {
  begin(
    arrived: Omit<Attempt, 'sequence' | 'outcome' | 'status' | 'input_tokens' | 'output_tokens'>,
  ): Attempt;
  end(attempt: Attempt, end: AttemptEnd): void;
  totals(): AttemptTotals;
  /** Kept attempts after a sequence number, oldest first. The newest 20,000 are kept. */
  list(after: number, limit: number): Attempt[];
  /** Resolves when no attempt runs. */
  settled(): Promise<void>;
  /** Forgets all. Attempts that still run are not counted when they end; sequence numbers go on. */
  reset(): void;
}

const mostKept = 20_000;
const mostModels = 10_000;

/** Counts attempts. Totals are exact; the list is bounded. */
export function createAttemptLedger(): AttemptLedger {
  let sequence = 0;
  let totals = emptyTotals();
  let kept = new Map<number, Attempt>();
  let running = new Set<Attempt>();
  let waiting: (() => void)[] = [];

  function wakeWhenSettled() {
    if (running.size > 0) return;
    for (const wake of waiting) wake();
    waiting = [];
  }

  return {
    begin(arrived) {
      sequence++;
      const attempt: Attempt = {
        sequence,
        outcome: 'running',
        status: 0,
        input_tokens: 0,
        output_tokens: 0,
        ...arrived,
      };
      totals.total++;
      totals.running++;
      countUnder(totals.by_model, attempt.model ?? '(none)');
      totals.most_running = Math.max(totals.most_running, totals.running);
      kept.set(sequence, attempt);
      running.add(attempt);
      if (kept.size > mostKept) kept.delete(sequence - mostKept);
      return attempt;
    },
    end(attempt, { outcome, inputTokens, outputTokens }) {
      attempt.outcome = outcome;
      attempt.input_tokens = inputTokens;
      attempt.output_tokens = outputTokens;
      if (!running.delete(attempt)) return;
      totals.running--;
      totals[outcome]++;
      totals.input_tokens += inputTokens;
      totals.output_tokens += outputTokens;
      countUnder(totals.by_status, String(attempt.status));
      wakeWhenSettled();
    },
    totals: () => structuredClone(totals),
    list: (after, limit) => [...kept.values()].filter((attempt) => attempt.sequence > after).slice(0, limit),
    settled: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        wakeWhenSettled();
      }),
    reset() {
      totals = emptyTotals();
      kept = new Map();
      running = new Set();
      wakeWhenSettled();
    },
  };
}

function countUnder(counts: Record<string, number>, name: string): void {
  const isNew = !Object.hasOwn(counts, name);
  const label = isNew && Object.keys(counts).length >= mostModels ? '(other)' : name;
  counts[label] = (counts[label] ?? 0) + 1;
}

function emptyTotals(): AttemptTotals {
  return {
    total: 0,
    running: 0,
    completed: 0,
    cut: 0,
    aborted: 0,
    most_running: 0,
    input_tokens: 0,
    output_tokens: 0,
    by_model: Object.create(null),
    by_status: Object.create(null),
  };
}
