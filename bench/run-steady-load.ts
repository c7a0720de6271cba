import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CHAT, requestBody } from './peer-request.ts';
import { type Target, workFolder } from './peer-targets.ts';

const program = join(workFolder, 'steady-load');

/** What the steady load saw. Times are in microseconds, from the moment when a request was due. */
export interface SteadyResult {
  answered: number;
  failed: number;
  p50: number;
  p99: number;
}

/** Compiles the generator. Throws with the compiler's own output. */
export function prepareSteadyLoad(): void {
  const source = join(import.meta.dirname, 'steady-load.c');
  execFileSync('gcc', ['-O2', '-Wall', '-o', program, source], { stdio: 'inherit' });
}

/** Sends so many requests a second for so many seconds, however long the answers take. */
export async function runSteadyLoad(
  { port, headers }: Target,
  model: string,
  rate: number,
  seconds: number,
  connections: number,
): Promise<SteadyResult> {
  const body = requestBody(model, false);
  const all = { host: '127.0.0.1', 'content-type': 'application/json', ...headers };
  const lines = Object.entries({ ...all, 'content-length': Buffer.byteLength(body) });
  const head = [`POST ${CHAT.path} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  const generator = spawn(program, [port, rate, seconds, connections].map(String), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(generator, 'exit');
  generator.stdin.end([...head, '', body].join('\r\n'));
  const report = await text(generator.stdout);
  await ended;
  if (report === '') throw new Error('the steady load ended without a report');
  return JSON.parse(report) as SteadyResult;
}
