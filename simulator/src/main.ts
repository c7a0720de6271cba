/** `node simulator/src/main.ts [--port 9000] [--host 127.0.0.1] [--credential KEY] [--strict-models]` */
import { parseArgs } from 'node:util';
import { type SimulatorOptions, startSimulator } from './start-simulator.ts';

const usualPort = 9000;

function readOptions(): SimulatorOptions {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: String(usualPort) },
      host: { type: 'string', default: '127.0.0.1' },
      credential: { type: 'string' },
      'strict-models': { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535)
    throw new Error(`--port "${values.port}" is not a port number.`);
  // An empty variable is how a compose file says "none".
  const credential = values.credential ?? (process.env.SIMULATOR_CREDENTIAL || undefined);
  return { port, host: values.host, credential, strictModels: values['strict-models'] };
}

try {
  const simulator = await startSimulator(readOptions());
  console.log(JSON.stringify({ listening: simulator.url }));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => simulator.close().then(() => process.exit(0)));
  }
} catch (error) {
  console.error(`simulator: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
