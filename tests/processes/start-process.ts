import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A process of the product under test. */
export interface TestProcess {
  readonly pid: number;
  /** Everything that it wrote to either stream so far. */
  output(): string;
  /** Resolves when the output has the text; rejects with the output when the process ends first. */
  waitForOutput(text: string): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Resolves when it ends. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts a TypeScript entry of this repository with an environment of its own, so that nothing of the tester's leaks in. */
export function startProcess(
  entry: string,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
): TestProcess {
  const child: ChildProcess = spawn(process.execPath, [ROOT + entry, ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listeners = new Set<() => void>();
  const collect = (chunk: Buffer) => {
    output += chunk;
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    pid: child.pid ?? 0,
    output: () => output,
    ended,
    waitForOutput: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!output.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        void ended.then(({ code, signal }) =>
          reject(new Error(`${entry} ended (${signal ?? code}) before "${text}":\n${output}`)),
        );
      }),
    end: async (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}
