import type { Database } from '../db/transactions.ts';
import { JOBS, type Job } from './jobs.ts';

export const JOB_INTERVAL_MILLISECONDS = 3_600_000;

/** Runs every job now and then every hour, one after the other. */
export interface Scheduler {
  /** Resolves when the first round is done. */
  first: Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param options.onError hears which job failed; the others run all the same, and it is tried again with the next round
 */
export function startJobs(options: {
  database: Database;
  now: () => number;
  onError: (job: string, error: unknown) => void;
  jobs?: readonly Job[];
}): Scheduler {
  const { database, now, onError, jobs = JOBS } = options;
  let stopped = false;

  async function round(): Promise<void> {
    for (const job of jobs) {
      if (stopped) return;
      await job.run(database, now()).catch((error: unknown) => onError(job.name, error));
    }
  }

  const first = round();
  let running = first;
  const timer = setInterval(() => {
    running = running.then(round);
  }, JOB_INTERVAL_MILLISECONDS);
  timer.unref();
  return {
    first,
    async stop() {
      stopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
