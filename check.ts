/** `npm run check`: formatting and lint, types, dead code, import rules; side by side, and all of them reported. */
import { spawn } from 'node:child_process';

const checks: Record<string, string[]> = {
  lint: ['biome', 'check', '.'],
  types: ['tsc', '--noEmit'],
  'dead code': ['knip'],
  'import rules': [
    'depcruise',
    '--output-type',
    'err',
    'shared-protocol',
    'data-plane-agent',
    'control-plane',
    'simulator',
    'quickstart',
  ],
};

function run(name: string, [command = '', ...rest]: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => (output += error.message));
    child.on('close', (code) => {
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name}`);
      if (code !== 0) console.log(output);
      resolve(code === 0);
    });
  });
}

const results = await Promise.all(Object.entries(checks).map(([name, command]) => run(name, command)));
process.exitCode = results.every(Boolean) ? 0 : 1;
