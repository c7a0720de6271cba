/** Waiting, given from outside so that tests and simulations decide how time passes. */
export interface Timers {
  /** Runs something after that many milliseconds; the function that is returned cancels it. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The real timers. They do not keep the process alive. */
export const systemTimers: Timers = {
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after that many milliseconds, or as soon as `signal` is aborted. */
export function sleep(timers: Timers, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = timers.after(milliseconds, done);
    signal.addEventListener('abort', done);
  });
}
