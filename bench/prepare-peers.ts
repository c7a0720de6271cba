import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nginxConfiguration } from './nginx-configuration.ts';
import { nginxConfigurationFile, workFolder } from './peer-targets.ts';

const portkeyManifest = {
  private: true,
  dependencies: { '@portkey-ai/gateway': '1.15.2' },
  // With newer versions this release of Portkey fails every stream ("immutable" headers).
  overrides: { '@hono/node-server': '1.13.8' },
};

/** Compiles the mock, installs Portkey once, builds our agent. Throws with the tool's own output. */
export function preparePeers(chosen: ReadonlySet<string>, say: (line: string) => void): void {
  mkdirSync(workFolder, { recursive: true });
  const source = join(import.meta.dirname, 'mock-upstream.c');
  execFileSync('gcc', ['-O2', '-Wall', '-o', mockProgram, source], { stdio: 'inherit' });
  if (chosen.has('nginx')) writeFileSync(nginxConfigurationFile, nginxConfiguration());
  if (chosen.has('portkey')) installPortkey(say);
  if (chosen.has('ours')) {
    say('building the agent');
    rmSync(join(workFolder, 'agent-state'), { recursive: true, force: true });
    execFileSync('npm', ['run', 'build', '-w', 'data-plane-agent'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

/** The compiled mock. */
export const mockProgram = join(workFolder, 'mock-upstream');

function installPortkey(say: (line: string) => void): void {
  const folder = join(workFolder, 'portkey');
  if (existsSync(join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js'))) return;
  say('installing Portkey into bench/work');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(portkeyManifest));
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
  });
}
