import { FolderInUseError } from './db/folder-lock.ts';
import { MigrationError } from './db/migrator.ts';
import type { Settings } from './settings.ts';
import { SettingsError } from './settings.ts';
import { SigningKeysError } from './signing/signing-keys-error.ts';

/** Why a process did not start: a sentence for a person, and its exit code (2: something to set right, 1: all else). */
export interface StartupFailure {
  sentence: string;
  exitCode: 1 | 2;
}

const CODES: Readonly<Record<string, (settings: Settings | undefined) => string>> = {
  EADDRINUSE: (settings) =>
    `port ${settings?.listen.port} is taken: stop what listens there, or choose another with BONITO_CONTROL_LISTEN`,
  EADDRNOTAVAIL: (settings) =>
    `${settings?.listen.host} is not an address of this machine: see BONITO_CONTROL_LISTEN`,
  EACCES: (settings) =>
    `permission denied: the data folder ${settings?.dataDirectory} must be writable, and ports below 1024 are reserved`,
  EROFS: (settings) =>
    `the data folder ${settings?.dataDirectory} is on a read-only file system: see BONITO_DATA_DIR`,
  ENOTDIR: (settings) => `the data folder ${settings?.dataDirectory} is not a folder: see BONITO_DATA_DIR`,
  EEXIST: (settings) => `the data folder ${settings?.dataDirectory} is not a folder: see BONITO_DATA_DIR`,
};

/** Puts what went wrong while starting into words. */
export function explainStartupFailure(error: unknown, settings: Settings | undefined): StartupFailure {
  if (
    error instanceof SettingsError ||
    error instanceof FolderInUseError ||
    error instanceof SigningKeysError
  ) {
    return { sentence: error.message, exitCode: 2 };
  }
  const explain = error instanceof Error && 'code' in error ? CODES[String(error.code)] : undefined;
  if (explain) return { sentence: explain(settings), exitCode: 2 };
  const message = error instanceof Error ? error.message || error.name : String(error);
  if (error instanceof MigrationError) return { sentence: message, exitCode: 1 };
  const place = settings?.databaseUrl ? ' (is the server of DATABASE_URL up?)' : '';
  return { sentence: `the control plane could not start: ${message}${place}`, exitCode: 1 };
}
