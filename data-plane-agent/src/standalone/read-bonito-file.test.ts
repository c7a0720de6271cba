import { readFileSync } from 'node:fs';
import { type Deployment, idSchema, type KeyEntry, type Provider, sha256 } from '@bonito/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSections } from './build-sections.ts';
import { ConfigurationFileError } from './locate-mistake.ts';
import { namedId } from './named-id.ts';
import { readBonitoFile } from './read-bonito-file.ts';

const outside = {
  environment: (name: string) => (name === 'APP_KEY' ? 'bn-from-environment' : undefined),
  textOf: (path: string) => (path === 'ca.pem' ? '-----BEGIN CERTIFICATE-----\n' : undefined),
};

function build(text: string) {
  const built = buildSections(
    readBonitoFile(text, 'bonito.yaml', ['listen', 'admin']),
    'bonito.yaml',
    outside,
  );
  const contents = new Map(
    built.sections.map((section) => [
      section.name,
      JSON.parse(Buffer.from(built.bytes.get(section.digest) ?? '').toString()) as Record<string, unknown[]>,
    ]),
  );
  return { ...built, contents };
}

function mistakes(text: string): string[] {
  try {
    build(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationFileError)) throw error;
    const lines = text.split('\n');
    return error.mistakes.map(({ path, line, column, message }) => {
      const there = (lines[line - 1] ?? '').slice(column - 1, column + 4);
      return `${line} at ${there} | ${path}: ${message}`;
    });
  }
}

const WHOLE = `listen: { host: 127.0.0.1, port: 8000 }
providers:
  - name: openai
    kind: openai-compatible
    base_url: https://api.openai.com/v1
    credential: { from: environment, name: OPENAI_API_KEY }
    ca_file: ca.pem
    time_limits: { total_ms: 60000 }
models:
  - { name: small, provider: openai, upstream_model: gpt-4o-mini, price: { input: 0.15, output: "0.60" } }
  - { name: local, provider: openai }
routes:
  - { name: best, strategy: failover, targets: [small, local], foreign_state: error }
keys:
  - { name: hashed, sha256: ${'a'.repeat(64)} }
  - { name: plain, secret: bn-plain-secret, models: [small, best], expires: 2027-01-01 }
  - { name: environment, secret_environment: APP_KEY, route: best, expires: "2027-01-01T01:00:00+01:00" }
`;

describe('a configuration file', () => {
  it('becomes the sections that a control plane would send', () => {
    const { contents, warnings } = build(WHOLE);
    const [provider] = (contents.get('providers')?.providers ?? []) as [Provider];
    expect(provider).toMatchObject({
      id: namedId('provider', 'openai'),
      base_url: 'https://api.openai.com/v1',
      ca: '-----BEGIN CERTIFICATE-----\n',
      restrictions: [],
    });
    expect(provider).not.toHaveProperty('ca_file');
    const [small, local] = (contents.get('deployments')?.deployments ?? []) as [Deployment, Deployment];
    expect(small.price.per_million).toEqual({ input: 150_000_000, output: 600_000_000 });
    expect(local).toMatchObject({ upstream_model: 'local', family: 'other', price: { per_million: {} } });
    expect(contents.get('routes')?.routes).toMatchObject([{ name: 'best', foreign_state: 'error' }]);
    const keys = contents.get('keys/0-of-1')?.keys as KeyEntry[];
    const expires = { type: 'expires', at: '2027-01-01T00:00:00.000Z' };
    expect(keys).toEqual([
      { sha256: 'a'.repeat(64), key_id: namedId('key', 'hashed'), restrictions: [] },
      {
        sha256: sha256('bn-plain-secret'),
        key_id: namedId('key', 'plain'),
        restrictions: [{ type: 'models', allow: ['small', 'best'] }, expires],
      },
      {
        sha256: sha256('bn-from-environment'),
        key_id: namedId('key', 'environment'),
        route_id: namedId('route', 'best'),
        restrictions: [expires],
      },
    ]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('keys[1].secret');
    expect(warnings[0]).not.toContain('bn-plain');
  });

  it('of the peer bench is read', () => {
    const text = readFileSync(new URL('../../../bench/peer.yaml', import.meta.url), 'utf8');
    expect(build(text).contents.get('deployments')?.deployments).toHaveLength(3);
  });

  it('gives ids that the protocol takes, and that depend on the name alone', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(idSchema.safeParse(namedId('key', name)).success).toBe(true);
      }),
    );
    expect(namedId('key', 'a')).not.toBe(namedId('model', 'a'));
    expect(namedId('key', 'a')).toBe(namedId('key', 'a'));
  });
});

describe('a mistake', () => {
  it.each<[string, string, string, string]>([
    [
      'an address',
      'https://api.openai.com/v1',
      'api.openai.com',
      '5 at api.o | providers[0].base_url: must be an http or https address such as https://api.openai.com/v1',
    ],
    [
      'a kind',
      'openai-compatible',
      'telepathy',
      '4 at telep | providers[0].kind: must be openai or openai-compatible or azure-openai or bedrock or vertex or gemini or anthropic or cohere',
    ],
    [
      'a source',
      'from: environment, name',
      'from: dreams, name',
      '6 at dream | providers[0].credential.from: is not a value that is known here',
    ],
    ['a field', 'ca_file', 'ca_path', '7 at ca_pa | providers[0].ca_path: is not a field that is known here'],
    [
      'a nested field',
      'total_ms',
      'total',
      '8 at total | providers[0].time_limits.total: is not a field that is known here',
    ],
    ['a whole section', 'listen:', 'listne:', '1 at listn | listne: is not a field that is known here'],
    ['a missing field', '    kind: openai-compatible\n', '', '3 at name: | providers[0].kind: is missing'],
    [
      'a price',
      '"0.60"',
      'cheap',
      '10 at cheap | models[0].price.output: must be an amount of USD such as "0.15", with at most nine decimals',
    ],
    [
      'a price class',
      'output:',
      'outputs:',
      '10 at outpu | models[0].price.outputs: is not a field that is known here',
    ],
    [
      'a type',
      'name: local',
      'name: 7',
      '11 at 7, pr | models[1].name: must be text (in quotes if it looks like a number)',
    ],
    [
      'a model name',
      'name: local',
      'name: "-x"',
      '11 at "-x", | models[1].name: must begin with a letter or a digit and may hold letters, digits and . _ : / @ + - (200 at most)',
    ],
    [
      'a provider',
      'local, provider: openai',
      'local, provider: opnai',
      '11 at opnai | models[1].provider: names no provider of this file',
    ],
    [
      'a target',
      '[small, local]',
      '[small, lokal]',
      '13 at lokal | routes[0].targets[1]: names no model of this file',
    ],
    ['a taken name', 'name: best', 'name: small', '13 at small | routes[0].name: is taken already'],
    [
      'an allowed model',
      '[small, best]',
      '[small, worst]',
      '16 at worst | keys[1].models[1]: names no model or route of this file',
    ],
    [
      'a date',
      '2027-01-01 }',
      'soon }',
      '16 at soon  | keys[1].expires: must be a date such as 2027-01-01, or a time with its offset such as 2027-01-01T08:00:00Z',
    ],
    [
      'two secrets',
      'secret: bn',
      'secret_environment: APP_KEY, secret: bn',
      '16 at { nam | keys[1]: must have one of sha256, secret_environment and secret',
    ],
    [
      'a variable',
      'APP_KEY',
      'NO_KEY',
      '17 at NO_KE | keys[2].secret_environment: names a variable that is not set',
    ],
    [
      'a certificate',
      'ca.pem',
      'no.pem',
      '7 at no.pe | providers[0].ca_file: names a file that cannot be read or holds no certificate in PEM',
    ],
    [
      'the same secret',
      'secret_environment: APP_KEY',
      'secret: bn-plain-secret',
      '17 at { nam | keys[2]: has the same secret as another key',
    ],
    ['a route', 'route: best', 'route: small', '17 at small | keys[2].route: names no route of this file'],
    ['a field twice', 'models:\n', 'listen: 1\nmodels:\n', '9 at liste | : this field stands here twice'],
  ])('in %s is told with its place', (_, from, to, expected) => {
    expect(WHOLE).toContain(from);
    expect(mistakes(WHOLE.replace(from, to))).toContain(expected);
  });

  it('does not come alone: all are told at once, up to a limit, without a secret', () => {
    const text = WHOLE.replace('telepathy', '')
      .replace('kind: openai-compatible', 'kind: x')
      .replace('secret: bn-plain-secret', 'secret: "bn short"');
    expect(mistakes(text)).toHaveLength(2);
    expect(mistakes(text).join()).not.toContain('bn short');
    const many = `providers: [${'{},'.repeat(30)}]\nmodels: []\nkeys: []`;
    expect(mistakes(many)).toHaveLength(20);
  });

  it.each([
    '',
    'a: b: c',
    '- 1',
    '\t',
    'x: *nothing',
    '"',
    `a: &a [${'1,'.repeat(200)}]\nb: [${'*a,'.repeat(200)}]`,
  ])('in the form is told: %j', (text) => {
    expect(mistakes(text).length).toBeGreaterThan(0);
  });

  it('of any kind is a ConfigurationFileError', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.nat(WHOLE.length), (text, at) => {
        mistakes(WHOLE.slice(0, at) + text + WHOLE.slice(at + text.length));
      }),
      { numRuns: 300 },
    );
  });
});
