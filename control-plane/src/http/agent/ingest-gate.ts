import { AgentError } from './agent-error.ts';

/**
 * Bounds what is taken in at once. A body is counted while it is held compressed; inflating, reading and storing happen
 * for a few batches at a time, since each of them may be sixteen megabytes of JSON.
 */
export interface IngestGate {
  /** @throws AgentError `ingest_overloaded` when too many bytes wait already */
  run<Result>(bytes: number, work: () => Promise<Result>): Promise<Result>;
}

export const INGEST_AT_ONCE = 4;
export const INGEST_WAITING_BYTES = 256 * 1024 * 1024;

export function createIngestGate(atOnce = INGEST_AT_ONCE, waitingBytes = INGEST_WAITING_BYTES): IngestGate {
  let running = 0;
  let held = 0;
  const queue: (() => void)[] = [];

  return {
    async run(bytes, work) {
      if (held + bytes > waitingBytes) {
        throw new AgentError(
          'ingest_overloaded',
          'too many batches wait to be stored: try again in a second',
        );
      }
      held += bytes;
      if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
      else running += 1;
      try {
        return await work();
      } finally {
        held -= bytes;
        // The place goes straight to the next in line, so that nobody overtakes.
        const next = queue.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
}
