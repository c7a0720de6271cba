import { join } from 'node:path';

/** Build products, logs and results; ignored by git. */
export const workFolder = join(import.meta.dirname, 'work');

/** Written by prepare-peers.ts. */
export const nginxConfigurationFile = join(workFolder, 'nginx.conf');

/** Something that takes the load. */
export interface Target {
  name: TargetName;
  port: number;
  headers: Record<string, string>;
  /** Absent for the mock itself, which is measured to know what the gateways add to. */
  command?: string[];
  environment?: Record<string, string>;
}

export type TargetName = 'direct' | 'nginx' | 'portkey' | 'ours';

export const mockPort = 9000;
export const nginxPort = 9101;
const portkeyPort = 9102;
const ourPort = 8000;

/** Published on purpose: its SHA-256 stands in peer.yaml, and it opens nothing but this bench. */
const benchKey = 'bn-MLUkVw71vQorkG38hU8mpZ0ITlfba9DQkx_ng7YF-xQ';

const authorization = { authorization: `Bearer ${benchKey}` };

/** The chosen peers, the mock first. */
export function peerTargets(chosen: ReadonlySet<string>): Target[] {
  const all: Target[] = [
    { name: 'direct', port: mockPort, headers: authorization },
    {
      name: 'nginx',
      port: nginxPort,
      headers: authorization,
      command: ['nginx', '-c', nginxConfigurationFile],
    },
    {
      name: 'portkey',
      port: portkeyPort,
      headers: {
        ...authorization,
        'x-portkey-provider': 'openai',
        'x-portkey-custom-host': `http://127.0.0.1:${mockPort}/v1`,
      },
      command: [
        process.execPath,
        join(workFolder, 'portkey/node_modules/@portkey-ai/gateway/build/start-server.js'),
        '--headless',
        `--port=${portkeyPort}`,
      ],
    },
    {
      name: 'ours',
      port: ourPort,
      headers: authorization,
      command: [process.execPath, 'data-plane-agent/dist/main.js', '--config', 'bench/peer.yaml'],
      environment: { BONITO_STATE_DIR: join(workFolder, 'agent-state') },
    },
  ];
  return all.filter(({ name }) => name === 'direct' || chosen.has(name));
}
