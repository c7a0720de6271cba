import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { startSimulator } from './start-simulator.ts';

const main = new URL('./main.ts', import.meta.url).pathname;

function start(options: string[], environment: Record<string, string> = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [main, ...options], {
    env: { ...process.env, ...environment },
    stdio: 'pipe',
  });
}

it('says where it listens, checks the credential of the environment, and stops when told', async () => {
  const child = start(['--port', '0'], { SIMULATOR_CREDENTIAL: 'from-environment' });
  const [line] = await once(child.stdout, 'data');
  const { listening } = JSON.parse(String(line));
  expect((await fetch(`${listening}/v1/models`)).status).toBe(401);
  const headers = { authorization: 'Bearer from-environment' };
  expect((await fetch(`${listening}/v1/models`, { headers })).status).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

it('says in one line what is wrong, and exits with 2', async () => {
  const taken = await startSimulator();
  const { port } = new URL(taken.url);
  for (const options of [['--port', port], ['--port', 'x'], ['--nonsense']]) {
    const child = start(options);
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(code).toBe(2);
    expect(said).toMatch(/^simulator: .+\n$/);
  }
  await taken.close();
});
