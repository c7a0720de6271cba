import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync, realpathSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartupError } from './startup-error.ts';

/**
 * Makes the folder (0700) and claims it for this process until it ends, however it ends: the claim is a listening local
 * socket, which the system closes with the process. Its path is derived from the folder's, since paths of sockets must be
 * short.
 *
 * @throws StartupError when the folder cannot be written, or is claimed
 */
export async function claimFolder(folder: string): Promise<Server> {
  prepare(folder);
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 24);
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\bonito-${name}` : join(tmpdir(), `bonito-${name}.sock`);
  if (await answers(path)) {
    throw new StartupError(
      `Bonito already runs on ${folder}. Stop it first, or choose another place with --folder.`,
    );
  }
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => reject(new StartupError(`Bonito already runs on ${folder}.`)));
    server.listen(path, () => resolve(server.unref()));
  });
}

function prepare(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new StartupError(`The folder ${folder} cannot be written (${code}). Choose another with --folder.`);
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
