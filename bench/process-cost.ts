import { readdirSync, readFileSync } from 'node:fs';

/** CPU time of a process and its descendants, all threads, in microseconds; from Linux's scheduler statistics. */
export function cpuMicroseconds(pid: number): number {
  return sumOverTree(pid, (process) =>
    readdirSync(`/proc/${process}/task`).reduce((sum, thread) => {
      const [nanoseconds] = readFileSync(`/proc/${process}/task/${thread}/schedstat`, 'utf8').split(' ');
      return sum + Number(nanoseconds) / 1000;
    }, 0),
  );
}

/** Resident memory of a process and its descendants, in MB of 2^20 bytes. */
export function residentMegabytes(pid: number): number {
  return sumOverTree(pid, (process) => {
    const status = readFileSync(`/proc/${process}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  });
}

function sumOverTree(pid: number, measure: (pid: number) => number): number {
  return [pid, ...descendants(pid)].reduce((sum, process) => sum + ifAlive(() => measure(process), 0), 0);
}

function descendants(pid: number): number[] {
  const threads = ifAlive(() => readdirSync(`/proc/${pid}/task`), []);
  const children = threads.flatMap((thread) =>
    ifAlive(
      () => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
      [],
    ).map(Number),
  );
  return [...children, ...children.flatMap(descendants)];
}

/** Threads and processes may end while they are read. */
function ifAlive<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
