import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { workFolder } from './peer-targets.ts';

const running: ChildProcess[] = [];

/** The gateway under test has this CPU to itself; everything else runs on `loadCpu`. */
export const serverCpu = 0;
export const loadCpu = 1;

/** Starts a process on one CPU; its output goes to `bench/work/<name>.log`. Returns its process id. */
export function startPinned(
  name: string,
  cpu: number,
  command: readonly string[],
  environment: Record<string, string> = {},
): number {
  const log = openSync(join(workFolder, `${name}.log`), 'w');
  // taskset replaces itself by the command, so the process id is the command's own.
  const child = spawn('taskset', ['-c', String(cpu), ...command], {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...environment },
  });
  running.push(child);
  if (child.pid === undefined) throw new Error(`${name} did not start.`);
  return child.pid;
}

/** True when something listens there. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Waits up to 30 s until something listens there. Throws with the place of the log otherwise. */
export async function untilListening(name: string, port: number): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await isListening(port)) return;
    await sleep(100);
  }
  throw new Error(`${name} does not listen on port ${port}; see bench/work/${name}.log.`);
}

/** Ends what was started here: politely, and after three seconds at once. */
export async function stopAll(): Promise<void> {
  const alive = running.filter((child) => child.exitCode === null && child.signalCode === null);
  for (const child of alive) child.kill('SIGTERM');
  const allEnded = Promise.all(alive.map((child) => once(child, 'exit')));
  await Promise.race([allEnded, sleep(3000, undefined, { ref: false })]);
  for (const child of alive) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
}
