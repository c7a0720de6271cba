import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Makes the state folder if it is missing (0700), and proves that it can be written. Gives its absolute path.
 *
 * @throws StartError
 */
export function openStateDirectory(path: string): string {
  const folder = resolve(path);
  const probe = join(folder, `.probe-${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '', { mode: 0o600 });
    rmSync(probe);
    return folder;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StartError(
      `The state folder ${folder} cannot be written (${code}); give the agent's user the right to, or set BONITO_STATE_DIR to another one.`,
    );
  }
}
