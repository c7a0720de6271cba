import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One part of the product as a process of its own. */
export interface Part {
  /** What it is called in messages. */
  name: string;
  /** Its entry file, from the root of the repository. */
  entry: string;
  args: string[];
  /** Its whole environment. */
  environment: NodeJS.ProcessEnv;
  /** Where its output goes. */
  logFile: string;
  /** Answers 200 when it can do its work. */
  readyUrl: string;
}

/** A part that runs. */
export interface RunningPart {
  readonly pid: number | undefined;
  /** Asks it to stop, waits, and ends it when it does not within the time (milliseconds). */
  stop(patience: number): Promise<void>;
}

const ROOT = new URL('../../', import.meta.url);
const RESTARTS = 5;

/**
 * Starts a part and waits until it is ready. One that ends unexpectedly later is started again, a few times.
 *
 * @param onGone called when it ended too often to go on
 * @throws Error with the last lines of its log, and `exitCode`, when it ends before it is ready
 */
export async function superviseProcess(
  part: Part,
  say: (line: string) => void,
  onGone: () => void,
): Promise<RunningPart> {
  let child = start(part);
  let stopping = false;
  let restarts = 0;
  await waitUntilReady(part, child);
  const watch = () => {
    child.once('exit', (code, signal) => {
      if (stopping) return;
      if (restarts++ >= RESTARTS) return onGone();
      say(
        `The ${part.name} ended unexpectedly (${signal ?? `exit code ${code}`}); starting it again. Its log: ${part.logFile}`,
      );
      child = start(part);
      watch();
    });
  };
  watch();
  return {
    get pid() {
      return child.pid;
    },
    stop: async (patience) => {
      stopping = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), patience);
      await ended;
      clearTimeout(timer);
    },
  };
}

function start(part: Part): ChildProcess {
  const log = openSync(part.logFile, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [
      '--import',
      new URL('stop-with-parent.ts', import.meta.url).href,
      fileURLToPath(new URL(part.entry, ROOT)),
      ...part.args,
    ],
    // A process group of its own: Ctrl-C reaches the starter alone, which stops the parts in the right order.
    { env: part.environment, stdio: ['ignore', log, log, 'ipc'], detached: true, cwd: fileURLToPath(ROOT) },
  );
  closeSync(log);
  return child;
}

async function waitUntilReady(part: Part, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw Object.assign(new Error(`The ${part.name} did not start:\n${lastLines(part.logFile)}`), {
        exitCode: child.exitCode,
      });
    }
    const answer = await fetch(part.readyUrl, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`The ${part.name} was not ready after 30 seconds:\n${lastLines(part.logFile)}`);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
