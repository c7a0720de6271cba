import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type KeysLocation, keysLocation } from './signing/load-server-keys.ts';

/** Everything that can be set. All of it comes from the environment. */
export interface Settings {
  /** `BONITO_CONTROL_LISTEN`, or `PORT` on loopback. */
  listen: { host: string; port: number };
  /** `DATABASE_URL`; the embedded database where absent. */
  databaseUrl: string | undefined;
  /** `BONITO_DATA_DIR`: the embedded database and the signing keys. */
  dataDirectory: string;
  /** `REDIS_URL`; replicas then wake each other there too. */
  redisUrl: string | undefined;
  /** `BONITO_ADMIN_TOKEN`, or the content of `BONITO_ADMIN_TOKEN_FILE`: the first administrator's token. */
  administratorToken: string | undefined;
  /** `BONITO_SIGNING_KEYS`, `BONITO_SIGNING_KEYS_FILE`, or a file in the data folder. */
  signingKeys: KeysLocation;
  /** `BONITO_LOG_LEVEL` */
  logLevel: LogLevel;
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A setting that cannot be used. The message names it and what it may be, and never shows a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly setting: string;
  constructor(setting: string, problem: string) {
    super(`${setting} ${problem}`);
    this.setting = setting;
  }
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 4000;
const DEFAULT_DATA_DIRECTORY = path.join('.bonito', 'control-plane');

/**
 * Reads the settings. An empty variable counts as absent.
 *
 * @throws SettingsError at the first one that is wrong
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const get = (name: string) => environment[name]?.trim() || undefined;
  const dataDirectory = path.resolve(get('BONITO_DATA_DIR') ?? DEFAULT_DATA_DIRECTORY);
  return {
    listen: readListen(get),
    databaseUrl: readUrl(get, 'DATABASE_URL', ['postgres:', 'postgresql:']),
    dataDirectory,
    redisUrl: readUrl(get, 'REDIS_URL', ['redis:', 'rediss:']),
    administratorToken: readAdministratorToken(get),
    signingKeys: keysLocation(environment, dataDirectory),
    logLevel: readLogLevel(get),
  };
}

type Get = (name: string) => string | undefined;

function readListen(get: Get): Settings['listen'] {
  const text = get('BONITO_CONTROL_LISTEN');
  if (text === undefined)
    return { host: DEFAULT_HOST, port: readPort('PORT', get('PORT') ?? String(DEFAULT_PORT)) };
  const match = /^(?:(?<host>[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])?:)?(?<port>[0-9]+)$/.exec(text);
  const host = match?.groups?.host?.replaceAll(/[[\]]/g, '');
  if (!match?.groups?.port) {
    throw new SettingsError(
      'BONITO_CONTROL_LISTEN',
      'is an address and a port, such as 127.0.0.1:4000 or [::1]:4000, or ":4000" for every address',
    );
  }
  return {
    host: host ?? (text.startsWith(':') ? '::' : DEFAULT_HOST),
    port: readPort('BONITO_CONTROL_LISTEN', match.groups.port),
  };
}

function readPort(name: string, text: string): number {
  const port = Number(text);
  if (!/^[0-9]{1,5}$/.test(text) || port > 65_535)
    throw new SettingsError(name, 'names a port from 0 to 65535');
  return port;
}

function readUrl(get: Get, name: string, protocols: readonly string[]): string | undefined {
  const text = get(name);
  if (text === undefined) return undefined;
  const scheme = /^[a-z]+:(?=\/\/)/i.exec(text)?.[0].toLowerCase() ?? '';
  if (!protocols.includes(scheme)) throw new SettingsError(name, `begins with ${protocols[0]}//`);
  return text;
}

function readAdministratorToken(get: Get): string | undefined {
  const file = get('BONITO_ADMIN_TOKEN_FILE');
  const direct = get('BONITO_ADMIN_TOKEN');
  if (file && direct)
    throw new SettingsError('BONITO_ADMIN_TOKEN', 'and BONITO_ADMIN_TOKEN_FILE are both set: use one');
  const token = file ? readTokenFile(file) : direct;
  if (token !== undefined && !/^ba-[A-Za-z0-9_-]{22,150}$/.test(token)) {
    throw new SettingsError(
      file ? 'BONITO_ADMIN_TOKEN_FILE' : 'BONITO_ADMIN_TOKEN',
      'is not an administrator token: "ba-" and at least 22 random letters and digits; make one with: echo "ba-$(openssl rand -hex 32)"',
    );
  }
  return token;
}

function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new SettingsError('BONITO_ADMIN_TOKEN_FILE', `names ${file}, which cannot be read`);
  }
}

function readLogLevel(get: Get): LogLevel {
  const text = get('BONITO_LOG_LEVEL') ?? 'info';
  const level = LOG_LEVELS.find((known) => known === text);
  if (!level) throw new SettingsError('BONITO_LOG_LEVEL', `is one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

/** Where the database is, as `openDatabase` takes it. */
export function databaseOptions(settings: Pick<Settings, 'databaseUrl' | 'dataDirectory'>) {
  return settings.databaseUrl
    ? ({ kind: 'postgres', url: settings.databaseUrl } as const)
    : ({ kind: 'pglite', folder: settings.dataDirectory } as const);
}
