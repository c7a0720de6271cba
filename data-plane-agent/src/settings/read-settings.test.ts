import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.ts';
import { SETTING_LIST } from './setting-table.ts';
import { SettingsError } from './settings-error.ts';
import { formatHelp, formatSettingsPage, printSettings } from './show-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'bonito-settings-'));
const connected = { BONITO_CONTROL_PLANE: 'https://control.example', BONITO_ORG_TOKEN: 'bt-secret-canary' };

function file(name: string, source: string): string {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
}

async function problems(
  args: string[],
  environment: Record<string, string> = {},
): Promise<readonly string[]> {
  const error = await readSettings(args, environment).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof SettingsError ? error.problems : [];
}

describe('readSettings', () => {
  it('takes a flag before a variable before the file before the default', async () => {
    const path = file('all.yaml', 'limits:\n  body: 1MB\n  buffers: 2MB\n  headers: 16KB\nproviders: []\n');
    const { settings, origins } = await readSettings(['--config', path, '--body-limit=3MB'], {
      BONITO_BODY_LIMIT: '4MB',
      BONITO_BUFFER_BUDGET: '5MB',
    });
    expect(settings.bodyLimit).toBe(3 * 1024 ** 2);
    expect(settings.bufferBudget).toBe(5 * 1024 ** 2);
    expect(settings.headerLimit).toBe(16 * 1024);
    expect(settings.spoolLimit).toBe(1024 ** 3);
    expect(origins.get('bodyLimit')).toBe('--body-limit');
    expect(origins.get('bufferBudget')).toBe('BONITO_BUFFER_BUDGET');
    expect(origins.get('headerLimit')).toBe(`limits.headers in ${path}`);
    expect(origins.get('spoolLimit')).toBe('default');
  });

  it('reads the sections of a file as a person writes them', async () => {
    const path = file(
      'sections.yaml',
      [
        'listen: { host: "::1", port: 8443, tls: { certificate: c.pem, key: k.pem, client_ca: ca.pem } }',
        'admin: { host: 0.0.0.0, port: 9001 }',
        'proxy: { https: "http://u:p@proxy:3128", except: [localhost, 10.0.0.0/8] }',
        'credentials: { environment: [MY_TOKEN], directory: /run/keys }',
        'time_limits: { connect: 2, first_byte: 90s }',
        'providers: []',
      ].join('\n'),
    );
    const { settings } = await readSettings(['--config', path], {});
    expect(settings).toMatchObject({
      listen: { host: '::1', port: 8443 },
      adminListen: { host: '0.0.0.0', port: 9001 },
      tlsCertificate: 'c.pem',
      tlsKey: 'k.pem',
      tlsClientCa: 'ca.pem',
      httpsProxy: 'http://u:p@proxy:3128',
      noProxy: ['localhost', '10.0.0.0/8'],
      credentialEnvironment: ['MY_TOKEN'],
      credentialDirectory: '/run/keys',
      connectTimeout: 2_000,
      firstByteTimeout: 90_000,
    });
  });

  it('counts an empty variable as not set and the lower-case proxy variable first', async () => {
    const { settings } = await readSettings([], {
      ...connected,
      BONITO_LISTEN: '',
      HTTPS_PROXY: 'http://upper:1',
      https_proxy: 'lower:2',
    });
    expect(settings.listen).toEqual({ host: undefined, port: 8000 });
    expect(settings.httpsProxy).toBe('http://lower:2');
  });

  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['nothing at all', [], {}, /set BONITO_CONTROL_PLANE and BONITO_ORG_TOKEN, or give --config FILE/],
    ['no token', [], { BONITO_CONTROL_PLANE: 'https://c' }, /^No token.*BONITO_ORG_TOKEN_FILE/],
    [
      'a bad address',
      ['--control-plane', 'ftp://c'],
      {},
      /^--control-plane must be an address.*not "ftp:\/\/c"\.$/,
    ],
    [
      'a bad size',
      [],
      { ...connected, BONITO_BODY_LIMIT: '32 potatoes' },
      /^BONITO_BODY_LIMIT must be a size/,
    ],
    [
      'a bad time',
      [],
      { ...connected, BONITO_STOP_DEADLINE: 'soon' },
      /^BONITO_STOP_DEADLINE must be a time/,
    ],
    [
      'a bad port',
      [],
      { ...connected, BONITO_LISTEN: 'localhost:70000' },
      /^BONITO_LISTEN must be an address/,
    ],
    ['a bad level', [], { ...connected, BONITO_LOG_LEVEL: 'loud' }, /^BONITO_LOG_LEVEL must be one of debug/],
    [
      'a number out of range',
      [],
      { ...connected, BONITO_RETRIES: '9' },
      /^BONITO_RETRIES must be a whole number from 0 to 5, not "9"\.$/,
    ],
    [
      'a certificate without a key',
      [],
      { ...connected, BONITO_TLS_CERTIFICATE: 'c' },
      /without BONITO_TLS_KEY/,
    ],
    [
      'a client key without a certificate',
      [],
      { ...connected, BONITO_CLIENT_KEY: 'c' },
      /without BONITO_CLIENT_CERTIFICATE/,
    ],
    [
      'a client CA without HTTPS',
      [],
      { ...connected, BONITO_TLS_CLIENT_CA: 'c' },
      /client certificates need HTTPS/,
    ],
    ['an unknown flag', ['--lisen', ':1'], connected, /^--lisen is not a flag.*did you mean --listen\?/],
    ['a flag far from any', ['--frobnicate'], connected, /--help lists them/],
    ['a flag without its value', ['--listen'], connected, /^--listen needs a value/],
    ['a word', ['serve'], connected, /^"serve" is not a flag/],
    [
      'a mistyped variable',
      [],
      { ...connected, BONITO_BODY_LIMT: '1MB' },
      /did you mean BONITO_BODY_LIMIT\?/,
    ],
    [
      'a file that is missing',
      ['--config', '/nowhere/x.yaml'],
      {},
      /\/nowhere\/x.yaml cannot be read \(ENOENT\)/,
    ],
  ])('says in a sentence what is wrong: %s', async (_case, args, environment, expected) => {
    expect(await problems(args, environment)).toEqual([expect.stringMatching(expected)]);
  });

  it.each<[string, string, RegExp]>([
    ['not YAML', 'listen: [1\nx: }', /line \d+: not YAML/],
    ['not sections', '- a\n- b\n', /must hold sections/],
    [
      'a mistyped key',
      'limits: { bodi: 1MB }\nproviders: []',
      /limits\.bodi is not a setting; did you mean limits\.body/,
    ],
    ['an unknown key', 'limits: { colour: 1 }\nproviders: []', /limits takes body, buffers/],
    ['a value for a section', 'limits: 3\nproviders: []', /limits must be a section with body/],
    ['only settings', 'log_level: warn', /holds no providers, models or keys/],
    ['a wrong value', 'limits: { body: [] }\nproviders: []', /^limits\.body in .* must be a size/],
  ])('says in a sentence what is wrong in a file: %s', async (_case, source, expected) => {
    expect(await problems(['--config', file('wrong.yaml', source)])).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  it('reports every mistake at once', async () => {
    const found = await problems(['--nope'], { ...connected, BONITO_LISTEN: 'x', BONITO_RETRIES: 'y' });
    expect(found).toHaveLength(3);
  });

  it('refuses two sources of configuration', async () => {
    const path = file('both.yaml', 'providers: []');
    expect(await problems(['--config', path], connected)).toEqual([expect.stringMatching(/use one of them/)]);
  });

  it('warns of other BONITO_ variables, but not of credentials and service links', async () => {
    const { warnings } = await readSettings([], {
      ...connected,
      BONITO_SOMETHING_ELSE: '1',
      BONITO_CREDENTIAL_OPENAI: 'x',
      BONITO_AGENT_SERVICE_HOST: '10.0.0.1',
      BONITO_AGENT_PORT_8000_TCP_ADDR: '10.0.0.1',
    });
    expect(warnings).toEqual([expect.stringMatching(/BONITO_SOMETHING_ELSE/)]);
  });

  it('never shows a secret, whether it prints settings or refuses them', async () => {
    const reading = await readSettings([], { ...connected, HTTPS_PROXY: 'http://user:canary@proxy:1' });
    const shown = printSettings(reading);
    expect(shown).not.toContain('canary');
    expect(shown).toContain('https_proxy: "http://***@proxy:1" # HTTPS_PROXY');
    expect(shown).toContain('BONITO_ORG_TOKEN: "***" # BONITO_ORG_TOKEN');
    expect((await problems([], { ...connected, HTTPS_PROXY: 'socks://u:canary@x' })).join()).not.toContain(
      'canary',
    );
  });

  it('helps without any setting', async () => {
    expect((await readSettings(['--help'], {})).action).toBe('help');
    expect((await readSettings(['--version'], { BONITO_CONFIG: '/nowhere' })).action).toBe('version');
  });
});

describe('the table of settings', () => {
  it('has a default that its own schema takes', () => {
    for (const [name, setting] of SETTING_LIST) {
      if (setting.default === undefined) continue;
      expect(setting.schema.safeParse(setting.default).success, name).toBe(true);
    }
  });

  it('is what the help shows', () => {
    for (const [, setting] of SETTING_LIST) expect(formatHelp()).toContain(setting.environment[0]);
  });

  it('is what the documentation shows', async () => {
    await expect(formatSettingsPage()).toMatchFileSnapshot('../../../docs/agent-settings.md');
  });
});
