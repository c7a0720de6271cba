#!/usr/bin/env node
import { AGENT_VERSION } from './agent-version.ts';
import { boundYoungGeneration } from './engine/bound-young-generation.ts';
import { spaceOutCollections } from './engine/space-out-collections.ts';
import { ListenError } from './listener/open-listener.ts';
import { TlsFileError } from './listener/read-pem.ts';
import { readSettings, type SettingsReading } from './settings/read-settings.ts';
import { SettingsError } from './settings/settings-error.ts';
import { formatHelp, printSettings } from './settings/show-settings.ts';
import { StartError } from './start-error.ts';
import { createLog, errorCode, errorFrames, type LogWriter } from './telemetry/log.ts';

/** The person who starts the agent can put it right. */
const WRONG_START = 2;
const FAILED = 1;
/** How long usage may take to reach the disk after a failure that nobody foresaw. */
const LAST_FLUSH_MS = 2_000;

try {
  await main();
} catch (error) {
  process.exitCode = explain(error);
}

async function main(): Promise<void> {
  const reading = await readSettings(process.argv.slice(2), process.env);
  if (reading.action === 'help') return void process.stdout.write(formatHelp());
  if (reading.action === 'version') return void process.stdout.write(`${AGENT_VERSION}\n`);
  if (reading.action === 'print-config') return void process.stdout.write(printSettings(reading));
  await serve(reading);
}

async function serve({ settings, warnings }: SettingsReading): Promise<void> {
  const writer = createLog(settings.logLevel);
  const { log } = writer;
  for (const warning of warnings) log.warn(warning);
  // Loaded here, so that --help and a mistake in the settings answer at once.
  boundYoungGeneration();
  spaceOutCollections();
  const { startAgent } = await import('./start-agent.ts');
  let flush = async () => {};
  const end = (code: number): never => {
    writer.flush();
    process.exit(code);
  };
  endOnFailure(writer, () => flush(), end);
  const agent = await startAgent(settings, { environment: process.env, log });
  flush = () => agent.flush();
  log.info({ version: AGENT_VERSION, url: agent.url, admin: agent.adminUrl }, 'serving');

  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) end(FAILED);
      asked = true;
      agent.stop().then(
        () => end(0),
        (error: unknown) => {
          log.error({ code: errorCode(error) }, 'stopping failed');
          end(FAILED);
        },
      );
    });
  }
}

/** A failure that nobody foresaw leaves the process in a state that nobody knows: write usage down, and end. */
function endOnFailure({ log }: LogWriter, flush: () => Promise<void>, end: (code: number) => never): void {
  let failed = false;
  const fail = (error: unknown) => {
    if (failed) return;
    failed = true;
    log.error({ code: errorCode(error), at: errorFrames(error) }, 'an unforeseen failure; the agent ends');
    setTimeout(() => end(FAILED), LAST_FLUSH_MS);
    flush().then(
      () => end(FAILED),
      () => end(FAILED),
    );
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}

/** Writes why the agent does not run; gives the exit code. */
function explain(error: unknown): number {
  const sentences =
    error instanceof SettingsError
      ? error.problems
      : error instanceof StartError || error instanceof ListenError || error instanceof TlsFileError
        ? error.message.split('\n')
        : undefined;
  if (!sentences) {
    console.error(`bonito-agent: cannot start (${errorCode(error)})`, ...errorFrames(error));
    return FAILED;
  }
  for (const sentence of sentences) console.error(`bonito-agent: ${sentence}`);
  return WRONG_START;
}
