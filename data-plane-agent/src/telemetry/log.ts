import { type DestinationStream, destination, type Logger, pino } from 'pino';

/**
 * The agent's log. Nothing is redacted in it, because nothing that would need it may be handed over: fields are numbers,
 * configured names, and codes; never a header, a body, or the message of an error that came from outside (`errorCode`).
 */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/** The log and the way to write out what is still in memory before the process ends. */
export interface LogWriter {
  log: Log;
  flush(): void;
}

/**
 * A log that writes JSON lines to standard output, or to `stream` in tests. Lines are written without making the event
 * loop wait, so that a reader that is slow does not slow requests.
 */
export function createLog(
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent',
  stream?: DestinationStream,
): LogWriter {
  const output = stream ?? standardOutput();
  const log = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorFields, error: errorFields },
    },
    output,
  );
  return {
    log,
    flush: () => {
      try {
        if ('flushSync' in output && typeof output.flushSync === 'function') output.flushSync();
      } catch {
        // Standard output is gone or was never opened; there is nowhere left to say so.
      }
    },
  };
}

function standardOutput(): DestinationStream {
  const output = destination({ fd: 1, sync: false });
  // A reader that went away must not end the agent.
  output.on('error', () => undefined);
  return output;
}

/** An error as far as it may be written down: its code. Should one be handed to the log whole, this is all that is kept. */
function errorFields(error: unknown): { code: string } {
  return { code: errorCode(error) };
}

const CODE = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/**
 * What an error may be called in a log or a metric: its code (`ECONNREFUSED`, `section_malformed`), or that of its cause,
 * or the name of its class. Never its message, which may hold what a client or a provider wrote.
 */
export function errorCode(error: unknown): string {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 4;
    current = current.cause, depth++
  ) {
    const { code } = current as NodeJS.ErrnoException;
    if (typeof code === 'string' && CODE.test(code)) return code;
  }
  return error instanceof Error && CODE.test(error.name) ? error.name : 'unknown';
}

/** Where an error was made: the lines of its stack without its message, at most ten. */
export function errorFrames(error: unknown): string[] {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
  return frames.slice(0, 10).map((line) => line.trim());
}
