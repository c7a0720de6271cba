import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readSettings, SettingsError } from './settings.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bonito-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TOKEN = `ba-${'x'.repeat(43)}`;

describe('settings', () => {
  it('have defaults that serve this machine only', () => {
    expect(readSettings({})).toEqual({
      listen: { host: '127.0.0.1', port: 4000 },
      databaseUrl: undefined,
      dataDirectory: path.resolve('.bonito/control-plane'),
      redisUrl: undefined,
      administratorToken: undefined,
      signingKeys: { json: undefined, file: undefined, dataDir: path.resolve('.bonito/control-plane') },
      logLevel: 'info',
    });
  });

  it.each([
    [{ PORT: '5000' }, { host: '127.0.0.1', port: 5000 }],
    [
      { PORT: '5000', BONITO_CONTROL_LISTEN: '0.0.0.0:80' },
      { host: '0.0.0.0', port: 80 },
    ],
    [{ BONITO_CONTROL_LISTEN: '[::1]:4001' }, { host: '::1', port: 4001 }],
    [{ BONITO_CONTROL_LISTEN: 'localhost:4001' }, { host: 'localhost', port: 4001 }],
    [{ BONITO_CONTROL_LISTEN: ':4001' }, { host: '::', port: 4001 }],
    [{ BONITO_CONTROL_LISTEN: '4001' }, { host: '127.0.0.1', port: 4001 }],
  ])('read where to listen: %j', (environment, listen) => {
    expect(readSettings(environment).listen).toEqual(listen);
  });

  it('count an empty variable as absent', () => {
    const empty = {
      PORT: '',
      DATABASE_URL: ' ',
      REDIS_URL: '',
      BONITO_ADMIN_TOKEN: '',
      BONITO_LOG_LEVEL: '',
    };
    expect(readSettings(empty)).toEqual(readSettings({}));
  });

  it('read the administrator’s token from a file', () => {
    const file = path.join(folder, 'token');
    writeFileSync(file, `${TOKEN}\n`);
    expect(readSettings({ BONITO_ADMIN_TOKEN_FILE: file }).administratorToken).toBe(TOKEN);
    expect(readSettings({ BONITO_ADMIN_TOKEN: TOKEN }).administratorToken).toBe(TOKEN);
  });

  it.each([
    ['PORT', { PORT: 'x' }],
    ['PORT', { PORT: '65536' }],
    ['BONITO_CONTROL_LISTEN', { BONITO_CONTROL_LISTEN: 'http://127.0.0.1:4000' }],
    ['BONITO_CONTROL_LISTEN', { BONITO_CONTROL_LISTEN: '127.0.0.1:99999' }],
    ['BONITO_CONTROL_LISTEN', { BONITO_CONTROL_LISTEN: '127.0.0.1' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://user:secret@host/db' }],
    ['DATABASE_URL', { DATABASE_URL: 'user:secret@host/db' }],
    ['REDIS_URL', { REDIS_URL: 'http://user:secret@host' }],
    ['BONITO_ADMIN_TOKEN', { BONITO_ADMIN_TOKEN: 'secret' }],
    ['BONITO_ADMIN_TOKEN', { BONITO_ADMIN_TOKEN: 'ba-secret' }],
    ['BONITO_ADMIN_TOKEN', { BONITO_ADMIN_TOKEN: TOKEN, BONITO_ADMIN_TOKEN_FILE: 'x' }],
    ['BONITO_ADMIN_TOKEN_FILE', { BONITO_ADMIN_TOKEN_FILE: path.join(folder, 'absent') }],
    ['BONITO_LOG_LEVEL', { BONITO_LOG_LEVEL: 'loud' }],
  ])('refuse a wrong %s, by name and without its value', (setting, environment) => {
    let refusal: unknown;
    try {
      readSettings(environment);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(SettingsError);
    expect(refusal).toMatchObject({ setting });
    expect(String(refusal)).toContain(setting);
    expect(String(refusal)).not.toContain('secret');
  });
});
