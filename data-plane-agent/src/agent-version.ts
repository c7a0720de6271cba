import manifest from '../package.json' with { type: 'json' };

/** The agent's version, `0.1.0`. */
export const AGENT_VERSION: string = manifest.version;
