import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { cpuMicroseconds, residentMegabytes } from './process-cost.ts';

it.skipIf(process.platform !== 'linux')('counts a process with its descendants', async () => {
  const inner = `console.log(process.pid); process.stdin.resume()`;
  const outer = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(inner)}], { stdio: 'inherit' })`;
  const child = spawn(process.execPath, ['-e', outer], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const grandchild = Number(line);
  const tree = child.pid ?? 0;
  expect(cpuMicroseconds(grandchild)).toBeGreaterThan(0);
  expect(cpuMicroseconds(tree)).toBeGreaterThan(cpuMicroseconds(grandchild));
  expect(residentMegabytes(tree)).toBeGreaterThan(residentMegabytes(grandchild) + 5);
  child.stdin.end();
  await once(child, 'exit');
});

it('costs nothing when the process is gone', () => {
  expect(cpuMicroseconds(2 ** 30)).toBe(0);
});
