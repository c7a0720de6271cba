import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findPostgresBinaries, type PostgresServer, startPostgresServer } from './testing/postgres-server.ts';

const TOKEN = `ba-${'m'.repeat(43)}`;
const root = mkdtempSync(path.join(tmpdir(), 'bonito-main-'));
const children = new Set<ChildProcess>();
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Run {
  child: ChildProcess;
  output: () => string;
  /** The exit code, once it ended. */
  ended: Promise<number | null>;
  /** The address, once it listens; undefined when it ended before. */
  listening: Promise<string | undefined>;
}

function run(environment: Record<string, string>, file = 'main.ts'): Run {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, file)], {
    env: {
      PATH: process.env.PATH ?? '',
      BONITO_CONTROL_LISTEN: '127.0.0.1:0',
      BONITO_ADMIN_TOKEN: TOKEN,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let output = '';
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const listening = new Promise<string | undefined>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk;
      const url = /"url":"([^"]+)"/.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    ended.then(() => resolve(undefined));
  });
  return { child, output: () => output, ended, listening };
}

async function call(url: string, method: string, address: string, body?: object) {
  const response = await fetch(url + address, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes
  return { status: response.status, body: (await response.json()) as any };
}

describe('the control plane as a process', () => {
  it('keeps what it was told over a restart, stops when asked, and says when its folder is in use', {
    timeout: 120_000,
  }, async () => {
    const environment = { BONITO_DATA_DIR: path.join(root, 'a') };
    const first = run(environment);
    const url = await first.listening;
    if (!url) throw new Error(first.output());
    expect((await call(url, 'GET', '/health/ready')).status).toBe(200);
    const organization = (await call(url, 'POST', '/api/orgs', { name: 'Kept' })).body;

    const second = run(environment);
    expect(await second.ended).toBe(2);
    expect(second.output()).toContain(`is in use by process ${first.child.pid}`);
    expect(second.output().trim().split('\n')).toHaveLength(1);

    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(first.output()).not.toContain(TOKEN);

    const third = run(environment);
    const again = await third.listening;
    if (!again) throw new Error(third.output());
    expect((await call(again, 'GET', `/api/orgs/${organization.id}`)).body).toEqual(organization);
    expect((await call(again, 'GET', '/api/providers')).status).toBe(200);

    // A lock whose process was killed is taken over.
    third.child.kill('SIGKILL');
    await third.ended;
    const fourth = run(environment, 'migrate.ts');
    expect(await fourth.ended).toBe(0);
    expect(fourth.output()).toContain('up to date');
  });

  it.each([
    ['a bad setting', { BONITO_LOG_LEVEL: 'loud' }, /^BONITO_LOG_LEVEL is one of/],
    ['a token that is none', { BONITO_ADMIN_TOKEN: 'hunter2hunter2' }, /^BONITO_ADMIN_TOKEN is not/],
  ])('ends with code 2 and one sentence for %s', async (_, environment, sentence) => {
    const ended = run({ BONITO_DATA_DIR: path.join(root, 'b'), ...environment });
    expect(await ended.ended).toBe(2);
    expect(ended.output()).toMatch(sentence);
    expect(ended.output().trim().split('\n')).toHaveLength(1);
    expect(ended.output()).not.toContain('hunter2');
  });

  it('ends with code 2 and one sentence for a taken port and for a folder that is none', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as { port: number };
    const taken = run({ BONITO_DATA_DIR: path.join(root, 'c'), BONITO_CONTROL_LISTEN: `127.0.0.1:${port}` });
    expect(await taken.ended).toBe(2);
    expect(taken.output()).toContain(`port ${port} is taken`);
    squatter.close();

    const file = path.join(root, 'file');
    writeFileSync(file, '');
    const noFolder = run({ BONITO_DATA_DIR: file });
    expect(await noFolder.ended).toBe(2);
    expect(noFolder.output()).toContain('is not a folder');
  });

  it('does not start without its database', async () => {
    const away = run({ DATABASE_URL: 'postgres://nobody:hunter2@127.0.0.1:1/none', BONITO_DATA_DIR: root });
    expect(await away.ended).toBe(1);
    expect(away.output()).toMatch(/^the control plane could not start: .*DATABASE_URL/);
    expect(away.output()).not.toContain('hunter2');
  });
});

const binaries = findPostgresBinaries();
describe.skipIf(!binaries && !process.env.CI)('two replicas on one Postgres server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    if (!binaries) throw new Error('no Postgres binaries on this machine: install the package postgresql');
    server = await startPostgresServer(binaries);
  });
  afterAll(() => server.stop());

  it('start at once on an empty database, and see each other’s writes', async () => {
    const environment = {
      DATABASE_URL: await server.createDatabase(),
      BONITO_DATA_DIR: path.join(root, 'replicas'),
    };
    const replicas = [run(environment), run(environment)];
    const urls = await Promise.all(replicas.map((replica) => replica.listening));
    const [first, second] = urls;
    if (!first || !second) throw new Error(replicas.map((replica) => replica.output()).join('\n'));
    const organization = (await call(first, 'POST', '/api/orgs', { name: 'Shared' })).body;
    expect((await call(second, 'GET', `/api/orgs/${organization.id}`)).body).toEqual(organization);
    for (const replica of replicas) {
      replica.child.kill('SIGTERM');
      expect(await replica.ended).toBe(0);
    }
  });
});
