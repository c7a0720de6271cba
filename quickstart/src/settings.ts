import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { StartupError } from './startup-error.ts';

/** How `npm start` runs the product on one machine. */
export interface Settings {
  /** Where everything is kept; absolute. */
  folder: string;
  controlPlanePort: number;
  agentPort: number;
  agentAdminPort: number;
  simulatorPort: number;
}

interface Option {
  flag: string;
  environment: string;
  fallback: string;
  meaning: string;
}

const OPTIONS: Record<keyof Settings, Option> = {
  folder: {
    flag: 'folder',
    environment: 'BONITO_FOLDER',
    fallback: '.bonito',
    meaning: 'where everything is kept',
  },
  controlPlanePort: {
    flag: 'control-plane-port',
    environment: 'BONITO_CONTROL_PLANE_PORT',
    fallback: '4000',
    meaning: 'port of the control plane',
  },
  agentPort: {
    flag: 'agent-port',
    environment: 'BONITO_AGENT_PORT',
    fallback: '8000',
    meaning: 'port of the agent',
  },
  agentAdminPort: {
    flag: 'agent-admin-port',
    environment: 'BONITO_AGENT_ADMIN_PORT',
    fallback: '8001',
    meaning: "the agent's admin port",
  },
  simulatorPort: {
    flag: 'simulator-port',
    environment: 'BONITO_SIMULATOR_PORT',
    fallback: '4010',
    meaning: 'port of the simulator, if it is needed',
  },
};

/** The text of `npm start -- --help`. */
export function helpText(): string {
  const lines = Object.values(OPTIONS).map(
    ({ flag, environment, fallback, meaning }) =>
      `  --${flag.padEnd(20)} ${environment.padEnd(28)} ${meaning} (${fallback})`,
  );
  return [
    'npm start runs a control plane and an agent on this machine, with everything they need.',
    '',
    'Flags and environment (a flag wins):',
    ...lines,
    '',
    'The model provider is the one that OPENAI_API_KEY and OPENAI_BASE_URL name (any OpenAI-compatible server),',
    'or else a local Ollama, or else the simulator.',
  ].join('\n');
}

/**
 * Reads the settings from flags and environment.
 *
 * @returns undefined when only help was asked for
 * @throws StartupError for an unknown flag, a port that is none, or one that is named twice
 */
export function readSettings(args: string[], environment: NodeJS.ProcessEnv): Settings | undefined {
  const flags = readFlags(args);
  if (flags.help) return undefined;
  const value = (name: keyof Settings) => {
    const { flag, environment: variable, fallback } = OPTIONS[name];
    return { text: flags.values[flag] ?? environment[variable] ?? fallback, flag };
  };
  const port = (name: keyof Settings) => {
    const { text, flag } = value(name);
    const number = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
    if (number < 1 || number > 65_535)
      throw new StartupError(`--${flag} must be a port from 1 to 65535, not "${text}".`);
    return number;
  };
  const settings = {
    folder: resolve(value('folder').text),
    controlPlanePort: port('controlPlanePort'),
    agentPort: port('agentPort'),
    agentAdminPort: port('agentAdminPort'),
    simulatorPort: port('simulatorPort'),
  };
  const ports = [
    settings.controlPlanePort,
    settings.agentPort,
    settings.agentAdminPort,
    settings.simulatorPort,
  ];
  const twice = ports.find((candidate, index) => ports.indexOf(candidate) !== index);
  if (twice) throw new StartupError(`Port ${twice} is given twice; each part needs a port of its own.`);
  return settings;
}

function readFlags(args: string[]): { values: Record<string, string | undefined>; help: boolean } {
  try {
    const options = Object.fromEntries(
      Object.values(OPTIONS).map(({ flag }) => [flag, { type: 'string' as const }]),
    );
    const { values } = parseArgs({ args, options: { ...options, help: { type: 'boolean', short: 'h' } } });
    const { help, ...rest } = values as Record<string, string | boolean | undefined>;
    return { values: rest as Record<string, string | undefined>, help: help === true };
  } catch (error) {
    throw new StartupError(
      `${error instanceof Error ? error.message.split('. ')[0] : error}. See: npm start -- --help`,
    );
  }
}
