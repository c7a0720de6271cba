import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ConfigVersion } from '@bonito/protocol';
import type { Clock, ConfigSource } from '../gateway/ports.ts';
import { createPause } from '../gateway/snapshot/compile-pause.ts';
import { type CompiledConfiguration, compileSnapshot } from '../gateway/snapshot/compile-snapshot.ts';
import type { Snapshot } from '../gateway/snapshot/snapshot.ts';
import { systemTimers, type Timers } from '../sync/timers.ts';
import { type BuiltSections, buildSections } from './build-sections.ts';
import { ConfigurationFileError } from './locate-mistake.ts';
import { namedId } from './named-id.ts';
import { readBonitoFile } from './read-bonito-file.ts';
import { watchFolder } from './watch-folder.ts';

/** What happened with the file, for the log and the metrics. */
export type StandaloneEvent =
  | { type: 'applied'; version: ConfigVersion; warnings: readonly string[] }
  /** The configuration before is served on. */
  | { type: 'rejected'; error: ConfigurationFileError };

/** Everything that a configuration from a file needs of its host. */
export interface StandaloneOptions {
  /** Path of the file. */
  file: string;
  /** Top-level fields of the file that are settings of the process and read by their owner. */
  processSettings: readonly string[];
  clock: Clock;
  /** A variable of the process; undefined when it is not set. */
  environment(name: string): string | undefined;
  events(event: StandaloneEvent): void;
  /** The real ones where absent. */
  timers?: Timers;
  watch?: (folder: string, changed: () => void) => () => void;
}

export interface Standalone {
  readonly config: ConfigSource;
  status(): { applied: ConfigVersion; rejected: ConfigurationFileError | null };
  /** Reads the file now. Never throws. */
  reload(): Promise<void>;
  stop(): void;
}

/** After the first sign of a change: editors write in several steps. */
const DEBOUNCE_MILLISECONDS = 200;
/** For file systems that cannot be watched, and for the files that the configuration names. */
const LOOK_MILLISECONDS = 30_000;

/**
 * Serves the configuration in a file, and the new one whenever the file changes. A new one that is wrong is told of, and
 * the one before is served on. Its version is epoch 1 and a revision that counts the changes since the start.
 *
 * @throws ConfigurationFileError when the file is wrong at the start
 */
export async function startStandalone(options: StandaloneOptions): Promise<Standalone> {
  const timers = options.timers ?? systemTimers;
  const file = resolve(options.file);
  const config: { snapshot: Snapshot | undefined; offlineSeconds(): number } = {
    snapshot: undefined,
    offlineSeconds: () => 0,
  };
  let compiled: CompiledConfiguration | undefined;
  let version: ConfigVersion = { epoch: 1, revision: 0 };
  let digests = '';
  /** What the configuration was last read from, so that looking again costs nothing while nothing changes. */
  let lastRead: { text: string; files: Map<string, string | undefined> } | undefined;
  let rejected: ConfigurationFileError | null = null;

  async function load(): Promise<void> {
    const built = await build();
    if (!built) return;
    const now = built.sections.map((section) => section.digest).join();
    if (now === digests) return;
    const next = { epoch: 1, revision: version.revision + 1 };
    compiled = await compileSnapshot({
      organization: namedId('organization', 'standalone'),
      version: next,
      sections: built.sections,
      read: async (section) => built.bytes.get(section.digest) ?? new Uint8Array(),
      previous: compiled,
      pause: createPause(() => options.clock.monotonic()),
    });
    version = next;
    digests = now;
    config.snapshot = compiled.snapshot;
    options.events({ type: 'applied', version, warnings: built.warnings });
  }

  async function build(): Promise<BuiltSections | undefined> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new ConfigurationFileError(options.file, [
        { path: '', line: 1, column: 1, message: `cannot be read (${reason})` },
      ]);
    }
    const same = lastRead?.text === text && [...lastRead.files].every(([path, was]) => textOf(path) === was);
    if (same && !rejected) return undefined;
    const files = new Map<string, string | undefined>();
    lastRead = { text, files };
    return buildSections(readBonitoFile(text, options.file, options.processSettings), options.file, {
      environment: options.environment,
      textOf(path) {
        files.set(path, textOf(path));
        return files.get(path);
      },
    });
  }

  function textOf(path: string): string | undefined {
    try {
      return readFileSync(resolve(dirname(file), path), 'utf8');
    } catch {
      return undefined;
    }
  }

  async function loadAgain(): Promise<void> {
    try {
      await load();
      rejected = null;
    } catch (error) {
      const known = asFileError(error, options.file);
      if (rejected?.message !== known.message) options.events({ type: 'rejected', error: known });
      rejected = known;
    }
  }

  try {
    await load();
  } catch (error) {
    throw asFileError(error, options.file);
  }

  let queue = Promise.resolve();
  const reload = () => {
    queue = queue.then(loadAgain);
    return queue;
  };
  let cancelReload: (() => void) | undefined;
  const unwatch = (options.watch ?? watchFolder)(dirname(file), () => {
    cancelReload?.();
    cancelReload = timers.after(DEBOUNCE_MILLISECONDS, () => void reload());
  });
  let cancelLook = timers.after(LOOK_MILLISECONDS, look);
  function look(): void {
    cancelLook = timers.after(LOOK_MILLISECONDS, look);
    void reload();
  }

  return {
    config,
    status: () => ({ applied: version, rejected }),
    reload,
    stop() {
      unwatch();
      cancelReload?.();
      cancelLook();
    },
  };
}

/** What the file is made into is checked again when it is compiled; a refusal there is the file's fault too. */
function asFileError(error: unknown, file: string): ConfigurationFileError {
  if (error instanceof ConfigurationFileError) return error;
  const message = error instanceof Error ? error.message : 'could not be compiled';
  return new ConfigurationFileError(file, [{ path: '', line: 1, column: 1, message }]);
}
