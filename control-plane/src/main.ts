import { pino } from 'pino';
import { describeError } from './describe-error.ts';
import { readSettings, type Settings } from './settings.ts';
import { startControlPlane } from './start-control-plane.ts';
import { explainStartupFailure } from './startup-error.ts';

/** Stopping that takes longer than this, in milliseconds, is cut off. */
const STOP_DEADLINE = 1_900;

async function main(): Promise<void> {
  let settings: Settings | undefined;
  try {
    settings = readSettings(process.env);
    const log = pino({ level: settings.logLevel, base: { service: 'control-plane' } });
    const controlPlane = await startControlPlane(settings, log);
    let stopping = false;
    const stop = (signal: NodeJS.Signals) => {
      if (stopping) return;
      stopping = true;
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), STOP_DEADLINE).unref();
      controlPlane.stop().then(
        () => process.exit(0),
        (error) => {
          log.error(describeError(error), 'stopping failed');
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    process.on('unhandledRejection', (error) => {
      log.fatal(describeError(error), 'a promise was rejected and nobody looked');
      process.exit(1);
    });
  } catch (error) {
    const { sentence, exitCode } = explainStartupFailure(error, settings);
    console.error(sentence);
    process.exit(exitCode);
  }
}

await main();
