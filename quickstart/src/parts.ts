import { join } from 'node:path';
import type { Settings } from './settings.ts';
import type { Part } from './supervise-process.ts';

/**
 * What the parts may see of the starter's environment: no `BONITO_` setting or database meant for something else. They talk
 * to each other over loopback, which no proxy may come between.
 */
function inherited(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !name.startsWith('BONITO_') && !['DATABASE_URL', 'REDIS_URL', 'PORT', 'no_proxy'].includes(name),
  );
  const direct = process.env.no_proxy || process.env.NO_PROXY;
  return {
    ...Object.fromEntries(kept),
    NO_PROXY: [...(direct ? [direct] : []), '127.0.0.1', 'localhost'].join(','),
  };
}

/** The control plane, on an embedded Postgres. */
export function controlPlanePart(settings: Settings, bootstrapToken: string): Part {
  return {
    name: 'control plane',
    entry: 'control-plane/src/main.ts',
    args: [],
    environment: {
      ...inherited(),
      BONITO_CONTROL_LISTEN: `127.0.0.1:${settings.controlPlanePort}`,
      BONITO_DATA_DIR: join(settings.folder, 'control-plane'),
      BONITO_ADMIN_TOKEN: bootstrapToken,
    },
    logFile: join(settings.folder, 'logs', 'control-plane.log'),
    readyUrl: `http://127.0.0.1:${settings.controlPlanePort}/health/ready`,
  };
}

/** The agent, told by the control plane what to do. */
export function agentPart(settings: Settings, orgToken: string): Part {
  return {
    name: 'agent',
    entry: 'data-plane-agent/src/main.ts',
    args: [],
    environment: {
      ...inherited(),
      BONITO_CONTROL_PLANE: `http://127.0.0.1:${settings.controlPlanePort}`,
      BONITO_ORG_TOKEN: orgToken,
      BONITO_STATE_DIR: join(settings.folder, 'agent'),
      BONITO_LISTEN: `127.0.0.1:${settings.agentPort}`,
      BONITO_ADMIN_LISTEN: `127.0.0.1:${settings.agentAdminPort}`,
    },
    logFile: join(settings.folder, 'logs', 'agent.log'),
    readyUrl: `http://127.0.0.1:${settings.agentPort}/health/ready`,
  };
}

/** The stand-in for a model provider. */
export function simulatorPart(settings: Settings): Part {
  return {
    name: 'simulator',
    entry: 'simulator/src/main.ts',
    args: ['--host', '127.0.0.1', '--port', String(settings.simulatorPort)],
    environment: inherited(),
    logFile: join(settings.folder, 'logs', 'simulator.log'),
    readyUrl: `http://127.0.0.1:${settings.simulatorPort}/v1/models`,
  };
}
