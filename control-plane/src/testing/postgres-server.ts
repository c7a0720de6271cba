import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';

/** A throwaway Postgres server that listens on a Unix socket only. */
export interface PostgresServer {
  /** Makes an empty database, owned by a login role that is no superuser, and answers its URL. */
  createDatabase(): Promise<string>;
  stop(): Promise<void>;
}

/** Tells where Postgres keeps its programs. */
const POSTGRES_LOCATOR = 'pg_config';

/** Where `initdb` and `postgres` are; undefined when the machine has none. */
export function findPostgresBinaries(): string | undefined {
  const candidates: string[] = [];
  try {
    candidates.push(execFileSync(POSTGRES_LOCATOR, ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim());
  } catch {
    // The tool is in a package of its own, so that its absence says nothing.
  }
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian)) {
    const versions = readdirSync(debian).sort((a, b) => Number(b) - Number(a));
    candidates.push(...versions.map((version) => path.join(debian, version, 'bin')));
  }
  return candidates.find((folder) => existsSync(path.join(folder, 'initdb')));
}

/** Postgres refuses to run as root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const SUPERUSER = 'postgres';
const LOGIN_ROLE = 'bonito_login';

const THROWAWAY: Readonly<Record<string, string>> = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  shared_buffers: '32MB',
};

/**
 * Starts a server in a folder of its own.
 *
 * @param settings in place of the usual ones, which make nothing durable, since nothing outlives a test
 */
export async function startPostgresServer(
  binaries: string,
  settings: Readonly<Record<string, string>> = THROWAWAY,
): Promise<PostgresServer> {
  const user = unprivilegedUser();
  const folder = mkdtempSync(path.join(tmpdir(), 'bonito-postgres-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const data = path.join(folder, 'data');
  await promisify(execFile)(
    path.join(binaries, 'initdb'),
    ['--pgdata', data, '--username', SUPERUSER, '--auth', 'trust', '--no-sync', '--encoding', 'UTF8'],
    { ...user, cwd: folder },
  );
  const child = spawn(
    path.join(binaries, 'postgres'),
    [
      ...['-D', data, '-k', folder, '-c', 'listen_addresses='],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...user, cwd: folder, stdio: 'ignore' },
  );
  const kill = () => child.kill('SIGQUIT');
  process.once('exit', kill);
  const url = (login: string, database: string) =>
    `postgres://${login}@/${database}?host=${encodeURIComponent(folder)}`;
  const admin = await connectWhenReady(url(SUPERUSER, 'postgres'), child);
  await admin.query(`create role ${LOGIN_ROLE} login createrole`);
  return {
    async createDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await admin.query(`create database ${name} owner ${LOGIN_ROLE}`);
      return url(LOGIN_ROLE, name);
    },
    async stop() {
      await admin.end();
      process.off('exit', kill);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function connectWhenReady(url: string, child: ChildProcess): Promise<pg.Client> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`postgres ended with code ${child.exitCode} while starting`);
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch {
      await wait(20);
    }
  }
}
