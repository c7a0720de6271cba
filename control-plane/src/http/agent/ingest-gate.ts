import { AgentError } from './agent-error.ts';

/** Counts bytes of a body as they arrive. @throws AgentError `ingest_overloaded` when too many are held already */
export type HoldBytes = (bytes: number) => void;

/**
 * Bounds what is taken in at once. The bytes of a body count from their arrival until its records are stored, so that
 * neither many slow uploads nor many waiting batches can fill the memory; inflating, reading and storing happen for a few
 * batches at a time, since each of them may be sixteen megabytes of JSON.
 */
export interface IngestGate {
  /**
   * @param receive collects a body, and tells of every part of it before keeping it
   * @param work what is done with the body once it is its turn
   */
  run<Body, Result>(
    receive: (hold: HoldBytes) => Promise<Body>,
    work: (body: Body) => Promise<Result>,
  ): Promise<Result>;
}

export const INGEST_AT_ONCE = 4;
export const INGEST_HELD_BYTES = 256 * 1024 * 1024;

export function createIngestGate(atOnce = INGEST_AT_ONCE, heldBytes = INGEST_HELD_BYTES): IngestGate {
  let running = 0;
  let held = 0;
  const queue: (() => void)[] = [];

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes straight to the next in line, so that nobody overtakes.
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return {
    async run(receive, work) {
      let own = 0;
      try {
        const body = await receive((bytes) => {
          if (held + bytes > heldBytes) {
            throw new AgentError(
              'ingest_overloaded',
              'too many batches arrive or wait to be stored: try again in a second',
            );
          }
          held += bytes;
          own += bytes;
        });
        return await inTurn(() => work(body));
      } finally {
        held -= own;
      }
    },
  };
}
