import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@bonito/protocol';

/** The key that the agents of tests take. */
export const TEST_KEY = 'bn-of-a-test';

/** A process of the agent. */
export interface TestAgent {
  process: ChildProcess;
  url: string;
  adminUrl: string;
  folder: string;
  /** Everything that was written to standard output and standard error. */
  output(): string;
  /** Resolves when the process has ended. */
  ended: Promise<{ code: number | null; output: string }>;
}

const processes = new Set<ChildProcess>();
const servers = new Set<Server>();

/** Ends what the tests of a file started. */
export async function endAll(): Promise<void> {
  for (const child of processes) child.kill('SIGKILL');
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  processes.clear();
  servers.clear();
}

/** A server on 127.0.0.1 for the length of a test. Gives its port. */
export async function startServer(handler: RequestListener): Promise<number> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  servers.add(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A standalone configuration with one model `m` at a provider. */
export function standaloneFile(providerUrl: string, more = ''): string {
  return `${more}
listen: 127.0.0.1:0
admin: 127.0.0.1:0
providers:
  - { name: p, kind: openai-compatible, base_url: "${providerUrl}", credential: { from: none } }
models:
  - { name: m, provider: p, upstream_model: m, price: { input: "1", output: "1" } }
routes: []
keys:
  - { name: test, sha256: ${sha256(TEST_KEY)} }
`;
}

/** Runs the agent's program without waiting for anything. */
export function runAgent(
  args: string[],
  environment: Record<string, string> = {},
): Omit<TestAgent, 'url' | 'adminUrl'> {
  const folder = mkdtempSync(join(tmpdir(), 'bonito-agent-'));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, BONITO_STATE_DIR: join(folder, 'state'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  processes.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return { process: child, folder, output: () => output, ended };
}

/** Runs the agent from a standalone file and waits until it serves. */
export async function startTestAgent(
  file: string,
  environment: Record<string, string> = {},
): Promise<TestAgent> {
  const path = join(mkdtempSync(join(tmpdir(), 'bonito-file-')), 'bonito.yaml');
  writeFileSync(path, file);
  const agent = runAgent(['--config', path], environment);
  const serving = new Promise<{ url: string; admin: string }>((resolve, reject) => {
    const look = () => {
      const line = agent
        .output()
        .split('\n')
        .find((text) => text.includes('"msg":"serving"'));
      if (line) resolve(JSON.parse(line));
    };
    agent.process.stdout?.on('data', look);
    void agent.ended.then(({ output }) => reject(new Error(`the agent ended: ${output}`)));
  });
  const { url, admin } = await serving;
  return { ...agent, url, adminUrl: admin };
}
