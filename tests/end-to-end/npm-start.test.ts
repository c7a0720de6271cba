import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allLogs } from '../processes/all-logs.ts';
import { chat } from '../processes/chat.ts';
import { controlPlaneClient } from '../processes/control-plane-client.ts';
import { freePorts } from '../processes/free-ports.ts';
import { ROOT, startProcess } from '../processes/start-process.ts';
import { type Product, startProduct } from '../processes/start-product.ts';

const run = promisify(execFile);
const entry = 'quickstart/src/main.ts';
const python = process.env.BONITO_TEST_PYTHON;

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product?.stop());

/** The indented lines behind a heading of the banner. */
function snippet(heading: string): string {
  const lines = product.process.output().split('\n');
  const start = lines.findIndex((line) => line.startsWith(heading)) + 1;
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('  '));
  return lines
    .slice(start, end)
    .map((line) => line.slice(2))
    .join('\n');
}

describe('npm start', () => {
  test('says plainly that a simulator answers, and how to connect a real provider', () => {
    expect(product.process.output()).toContain('SIMULATOR');
    expect(product.process.output()).toContain('OPENAI_API_KEY=');
  });

  test('dev.json is for its owner only and holds what is documented', () => {
    expect(statSync(product.folder).mode & 0o777).toBe(0o700);
    expect(statSync(join(product.folder, 'dev.json')).mode & 0o777).toBe(0o600);
    expect(Object.keys(product.dev).sort()).toEqual(
      [
        'adminToken',
        'agentAdminUrl',
        'agentUrl',
        'apiKey',
        'controlPlaneUrl',
        'orgToken',
        'organizationId',
      ].sort(),
    );
    expect(product.dev.apiKey).toMatch(/^bn-/);
    expect(product.dev.orgToken).toMatch(/^bt-/);
  });

  test('the pasted curl line answers', async () => {
    const { stdout } = await run('bash', ['-c', snippet('curl:')]);
    expect(JSON.parse(stdout).choices[0].message.content).toBeTruthy();
  });

  test('the pasted TypeScript answers', async () => {
    const folder = mkdtempSync(join(ROOT, 'tests', '.snippet-'));
    try {
      writeFileSync(join(folder, 'snippet.ts'), snippet('TypeScript'));
      const { stdout } = await run(process.execPath, [join(folder, 'snippet.ts')]);
      expect(stdout.trim()).toBeTruthy();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.skipIf(!python && !process.env.CI)(
    'the pasted Python answers (BONITO_TEST_PYTHON names a Python with openai)',
    async () => {
      const { stdout } = await run(python ?? 'python3', ['-c', snippet('Python')]);
      expect(stdout.trim()).toBeTruthy();
    },
  );

  test('a second one on the same folder says so and exits 2', async () => {
    const [a = 0, b = 0, c = 0, d = 0] = await freePorts(4);
    const flags = ['--folder', product.folder, '--control-plane-port', `${a}`, '--agent-port', `${b}`];
    const second = startProcess(entry, [...flags, '--agent-admin-port', `${c}`, '--simulator-port', `${d}`]);
    expect((await second.ended).code).toBe(2);
    expect(second.output().trim().split('\n')).toHaveLength(1);
    expect(second.output()).toContain('already runs');
  });

  test('a taken port, a folder that cannot be made, a bad flag: one sentence, exit 2', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = address && typeof address !== 'string' ? address.port : 0;
    const file = join(product.folder, 'a-file');
    writeFileSync(file, '');
    const other = join(product.folder, 'other');
    mkdirSync(other);
    const cases: [string[], string][] = [
      [['--folder', other, '--agent-port', String(port)], String(port)],
      [['--folder', join(file, 'inside')], 'cannot be written'],
      [['--agent-port', 'http'], '--agent-port'],
      [['--agent-prot', '8000'], '--agent-prot'],
      [['--agent-port', '4000', '--control-plane-port', '4000'], '4000'],
    ];
    for (const [flags, mention] of cases) {
      const attempt = startProcess(entry, flags);
      expect((await attempt.ended).code, flags.join(' ')).toBe(2);
      expect(attempt.output().trim().split('\n'), flags.join(' ')).toHaveLength(1);
      expect(attempt.output()).toContain(mention);
    }
    taken.close();
  });

  test('Ctrl-C ends all of it, nothing is lost, and a second start finds everything again', {
    timeout: 60_000,
  }, async () => {
    const before = await chat(product.dev.agentUrl, product.dev.apiKey, { model: 'simulated-chat' });
    expect(before.status).toBe(200);
    expect((await product.process.end('SIGINT')).code).toBe(0);
    for (const url of [product.dev.agentUrl, product.dev.controlPlaneUrl, product.simulatorUrl]) {
      await expect(fetch(url)).rejects.toThrow();
    }
    product.process = startProcess(entry, product.flags);
    await product.process.waitForOutput('Ctrl-C ends everything.');
    expect(JSON.parse(readFileSync(join(product.folder, 'dev.json'), 'utf8'))).toEqual(product.dev);
    const after = await chat(product.dev.agentUrl, product.dev.apiKey, { model: 'simulated-chat' });
    expect(after.status).toBe(200);
    const rows = await allLogs(controlPlaneClient(product.dev.controlPlaneUrl, product.dev.adminToken));
    expect(rows.filter((row) => row.request_id === before.requestId)).toHaveLength(1);
  });
});
