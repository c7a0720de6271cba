import { mkdirSync, mkdtempSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSecretSource } from './create-secret-source.ts';
import { createEnvironmentCredentials } from './environment.ts';
import { createFileCredentials } from './file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bonito-secrets-'));
});

describe('createEnvironmentCredentials', () => {
  const environment = {
    OPENAI_API_KEY: ' sk-1\n',
    BONITO_CREDENTIAL_VLLM: 'v',
    BONITO_ORG_TOKEN: 'bt-',
    BONITO_SIGNING_API_KEY: 'x',
    DATABASE_URL: 'postgres://secret',
    LISTED: 'l',
    EMPTY_API_KEY: '',
  };
  const read = createEnvironmentCredentials(environment, ['LISTED', 'BONITO_ORG_TOKEN']);

  it.each([
    ['OPENAI_API_KEY', 'sk-1'],
    ['BONITO_CREDENTIAL_VLLM', 'v'],
    ['LISTED', 'l'],
    ['DATABASE_URL', undefined],
    ['BONITO_ORG_TOKEN', undefined],
    ['BONITO_SIGNING_API_KEY', undefined],
    ['EMPTY_API_KEY', undefined],
    ['__proto__', undefined],
  ])('%s gives %j', (name, value) => expect(read(name)).toBe(value));
});

describe('createFileCredentials', () => {
  it('reads files of the folder, without the line end', () => {
    writeFileSync(join(folder, 'openai'), 'sk-1\n');
    expect(createFileCredentials(folder).read('openai')).toBe('sk-1');
  });

  it('reads none outside of it', () => {
    const outside = mkdtempSync(join(tmpdir(), 'bonito-outside-'));
    writeFileSync(join(outside, 'secret'), 'secret');
    mkdirSync(join(folder, 'inner'));
    symlinkSync(join(outside, 'secret'), join(folder, 'link'));
    symlinkSync(outside, join(folder, 'linked-folder'));
    const files = createFileCredentials(folder);
    for (const name of [
      'link',
      'linked-folder/secret',
      '../secret',
      join(outside, 'secret'),
      '..',
      'inner',
      '',
      'missing',
    ]) {
      expect(files.read(name), name).toBeUndefined();
    }
    expect(createFileCredentials(undefined).read('link')).toBeUndefined();
  });

  it('reads a folder with the same beginning in its name as outside', () => {
    const twin = `${folder}-twin`;
    mkdirSync(twin);
    writeFileSync(join(twin, 'secret'), 'secret');
    symlinkSync(join(twin, 'secret'), join(folder, 'link'));
    expect(createFileCredentials(folder).read('link')).toBeUndefined();
  });

  it('follows the links of a mounted Kubernetes secret, and their swap', () => {
    for (const [version, value] of [
      ['..1', 'one'],
      ['..2', 'two'],
    ] as const) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'key'), value);
    }
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync('..data/key', join(folder, 'key'));
    const files = createFileCredentials(folder);
    expect(files.read('key')).toBe('one');
    symlinkSync('..2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    expect(files.read('key')).toBe('one');
    files.reload();
    expect(files.read('key')).toBe('two');
  });
});

describe('createSecretSource', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  function source(clock = { monotonic: () => 0 }) {
    const files = createFileCredentials(folder);
    return createSecretSource({
      environment: (name) => (name === 'A_API_KEY' ? 'a' : undefined),
      files,
      clock,
    });
  }

  it('knows each kind of reference, and gives nothing for one it does not know', () => {
    writeFileSync(join(folder, 'f'), 'file');
    const secrets = source();
    expect(secrets.read({ from: 'none' })).toBe('');
    expect(secrets.read({ from: 'environment', name: 'A_API_KEY' })).toBe('a');
    expect(secrets.read({ from: 'file', name: 'f' })).toBe('file');
    expect(secrets.read({ from: 'unknown' })).toBeUndefined();
    secrets.stop();
  });

  it('reads a refused credential again, but not at every refusal', () => {
    let now = 0;
    const secrets = source({ monotonic: () => now });
    const reference = { from: 'file', name: 'f' } as const;
    writeFileSync(join(folder, 'f'), 'one');
    expect(secrets.read(reference)).toBe('one');
    writeFileSync(join(folder, 'f'), 'two');
    secrets.refused(reference);
    expect(secrets.read(reference)).toBe('two');
    writeFileSync(join(folder, 'f'), 'three');
    secrets.refused(reference);
    expect(secrets.read(reference)).toBe('two');
    now = 1_000;
    secrets.refused(reference);
    expect(secrets.read(reference)).toBe('three');
    secrets.stop();
  });

  it('finds a changed or a late file by itself', () => {
    vi.useFakeTimers();
    const secrets = source();
    const reference = { from: 'file', name: 'late' } as const;
    expect(secrets.read(reference)).toBeUndefined();
    writeFileSync(join(folder, 'late'), 'here');
    vi.advanceTimersByTime(5_000);
    expect(secrets.read(reference)).toBe('here');
    secrets.stop();
  });
});
