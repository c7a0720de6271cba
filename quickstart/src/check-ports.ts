import { createServer } from 'node:net';
import type { Settings } from './settings.ts';
import { StartupError } from './startup-error.ts';

/**
 * Sees that every port is free before anything is started.
 *
 * @throws StartupError that names the port, what it is for and the flag that changes it
 */
export async function checkPorts(settings: Settings): Promise<void> {
  const wanted: [number, string, string][] = [
    [settings.controlPlanePort, 'control plane', '--control-plane-port'],
    [settings.agentPort, 'agent', '--agent-port'],
    [settings.agentAdminPort, "agent's admin port", '--agent-admin-port'],
    [settings.simulatorPort, 'simulator', '--simulator-port'],
  ];
  for (const [port, purpose, flag] of wanted) {
    if (!(await isFree(port))) {
      throw new StartupError(
        `Port ${port}, meant for the ${purpose}, is taken. Choose another with ${flag}.`,
      );
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
