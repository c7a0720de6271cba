import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHAT, type PeerApi, requestBody } from './peer-request.ts';
import { type Target, workFolder } from './peer-targets.ts';

/** What wrk saw. Times are in microseconds. */
export interface WrkResult {
  requests: number;
  requestsPerSecond: number;
  p50: number;
  p99: number;
  /** Answers outside 2xx and 3xx, and socket errors. */
  failed: number;
}

const run = promisify(execFile);
const microsecondsPer: Record<string, number> = { us: 1, ms: 1000, s: 1_000_000, m: 60_000_000 };

/** Sends the same request over so many kept connections for so many seconds. */
export async function runWrk(
  { name, port, headers }: Target,
  model: string,
  stream: boolean,
  connections: number,
  seconds: number,
  api: PeerApi = CHAT,
): Promise<WrkResult> {
  const script = join(workFolder, `${name}-${stream ? 'stream' : 'whole'}.lua`);
  writeFileSync(script, luaRequest(headers, requestBody(model, stream)));
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency', '-s', script];
  const { stdout } = await run('wrk', [...options, `http://127.0.0.1:${port}${api.path}`]);
  return parseWrk(stdout);
}

function luaRequest(headers: Record<string, string>, body: string): string {
  const all = Object.entries({ 'content-type': 'application/json', ...headers });
  const lines = all.map(([name, value]) => `wrk.headers[ [[${name}]] ] = [[${value}]]`);
  return ['wrk.method = "POST"', ...lines, `wrk.body = [[${body}]]`].join('\n');
}

/** Reads the report of `wrk --latency`. Throws when a figure is missing. */
export function parseWrk(report: string): WrkResult {
  const find = (pattern: RegExp): string => {
    const found = pattern.exec(report)?.[1];
    if (found === undefined) throw new Error(`wrk's report has no ${pattern.source}:\n${report}`);
    return found;
  };
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(report);
  const badAnswers = Number(/Non-2xx or 3xx responses: (\d+)/.exec(report)?.[1] ?? 0);
  return {
    requests: Number(find(/(\d+) requests in/)),
    requestsPerSecond: Number(find(/Requests\/sec:\s+([\d.]+)/)),
    p50: toMicroseconds(find(/^ +50%\s+(\S+)/m)),
    p99: toMicroseconds(find(/^ +99%\s+(\S+)/m)),
    failed: (socketErrors?.slice(1) ?? []).reduce((sum, count) => sum + Number(count), badAnswers),
  };
}

function toMicroseconds(text: string): number {
  const [, value, unit = ''] = /^([\d.]+)(us|ms|s|m)$/.exec(text) ?? [];
  return Number(value) * (microsecondsPer[unit] ?? Number.NaN);
}
