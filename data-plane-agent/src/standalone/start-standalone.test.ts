import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '@bonito/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestTime } from '../sync/test-surroundings.ts';
import { type StandaloneEvent, startStandalone } from './start-standalone.ts';
import { watchFolder } from './watch-folder.ts';

const TEXT = `
providers: [{ name: one, kind: openai-compatible, base_url: 'http://127.0.0.1:9/v1', credential: { from: none } }]
models: [{ name: small, provider: one }]
keys: [{ name: first, secret: bn-secret-1 }]
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function start(text = TEXT) {
  const folder = mkdtempSync(join(tmpdir(), 'bonito-standalone-'));
  folders.push(folder);
  const file = join(folder, 'bonito.yaml');
  writeFileSync(file, text);
  const time = createTestTime();
  const events: StandaloneEvent[] = [];
  let changed = () => {};
  const standalone = await startStandalone({
    file,
    processSettings: [],
    clock: time.clock,
    timers: time.timers,
    environment: () => undefined,
    events: (event) => events.push(event),
    watch(watched, callback) {
      expect(watched).toBe(folder);
      changed = callback;
      return () => {};
    },
  });
  const write = async (next: string) => {
    writeFileSync(file, next);
    changed();
    changed();
    expect(time.waiting().filter((wanted) => wanted < 1_000)).toHaveLength(1);
    await time.pass(200);
    await standalone.reload();
  };
  return { standalone, events, time, write, file };
}

describe('a configuration from a file', () => {
  it('is served at once, and never offline', async () => {
    const { standalone, time } = await start();
    expect(standalone.config.snapshot?.version).toEqual({ epoch: 1, revision: 1 });
    expect(standalone.config.snapshot?.principal(sha256('bn-secret-1'))).toBeDefined();
    await time.pass(10_000_000);
    expect(standalone.config.offlineSeconds()).toBe(0);
    standalone.stop();
    expect(time.waiting()).toEqual([]);
  });

  it('is served anew when the file changes, one revision on', async () => {
    const { standalone, write } = await start();
    const before = standalone.config.snapshot;
    await write(TEXT.replace('bn-secret-1', 'bn-secret-2'));
    expect(standalone.config.snapshot?.version.revision).toBe(2);
    expect(standalone.config.snapshot?.principal(sha256('bn-secret-1'))).toBeUndefined();
    expect(before?.principal(sha256('bn-secret-1'))).toBeDefined();
    await write(`${TEXT.replace('bn-secret-1', 'bn-secret-2')}# a comment\n`);
    expect(standalone.status().applied.revision).toBe(2);
  });

  it('stays when the new one is wrong, which is told once, and goes on when it is right again', async () => {
    const { standalone, events, write } = await start();
    await write(TEXT.replace('provider: one', 'provider: two'));
    await standalone.reload();
    expect(standalone.config.snapshot?.version.revision).toBe(1);
    expect(standalone.status().rejected?.mistakes[0]).toMatchObject({ line: 3, path: 'models[0].provider' });
    expect(events.map((event) => event.type)).toEqual(['applied', 'rejected']);
    await write(TEXT.replace('first', 'second'));
    expect(standalone.status()).toMatchObject({ applied: { revision: 2 }, rejected: null });
    await write('providers: 7');
    await write(TEXT.replace('first', 'second'));
    expect(standalone.status()).toMatchObject({ applied: { revision: 2 }, rejected: null });
  });

  it('is looked at from time to time where nothing tells of changes, and survives that the file goes', async () => {
    const { standalone, time, file } = await start();
    rmSync(file);
    await time.pass(30_000);
    await standalone.reload();
    expect(standalone.status().rejected?.message).toContain('cannot be read (ENOENT)');
    writeFileSync(file, TEXT.replace('bn-secret-1', 'bn-secret-3'));
    await time.pass(30_000);
    await standalone.reload();
    expect(standalone.status().applied.revision).toBe(2);
  });

  it('that is wrong at the start is refused with file and line', async () => {
    await expect(start('providers: 7')).rejects.toMatchObject({
      code: 'configuration_file_invalid',
      message: expect.stringMatching(/bonito\.yaml, line 1, column 12: providers: must be a list/),
    });
  });
});

it('a swap of the folder behind a symbolic link, as Kubernetes does it, is seen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bonito-watch-'));
  folders.push(folder);
  for (const version of ['one', 'two']) {
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'bonito.yaml'), version);
  }
  symlinkSync('one', join(folder, '..data'));
  symlinkSync(join('..data', 'bonito.yaml'), join(folder, 'bonito.yaml'));
  const seen = new Promise<void>((resolve) => {
    const stop = watchFolder(folder, () => {
      stop();
      resolve();
    });
  });
  symlinkSync('two', join(folder, '..data_new'));
  renameSync(join(folder, '..data_new'), join(folder, '..data'));
  await seen;
  expect(readFileSync(join(folder, 'bonito.yaml'), 'utf8')).toBe('two');
});
