import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROVIDER_ROWS } from './provider-rows.ts';
import { type CompatibleAgent, startCompatibleAgent } from './start-compatible-agent.ts';

const run = promisify(execFile);
/** A Python with openai and anthropic; `.ci/run` makes one. Without it nothing runs here, but in CI all of it fails. */
const python = process.env.BONITO_TEST_PYTHON;
const FOLDER = fileURLToPath(new URL('./python-clients/', import.meta.url));
const SCENARIOS = ['plain', 'tool', 'think,tool', 'status-429', 'window-1'];
const LARGEST_OUTPUT = 10_000_000;

const CLIENTS = [
  {
    client: 'openai',
    checks: [
      'chat_whole_and_streamed',
      'chat_tools',
      'chat_parse',
      'responses_whole_and_streamed',
      'responses_tools',
      'responses_parse',
      'errors',
    ],
  },
  { client: 'anthropic', checks: ['whole_and_streamed', 'thinking_and_tools', 'parse', 'errors'] },
] as const;

/** What became of each check at each provider: null, or what failed. */
type Outcomes = Readonly<Record<string, Readonly<Record<string, string | null>>>>;

describe.skipIf(!python && !process.env.CI)(
  "PyPI's clients, unmodified (BONITO_TEST_PYTHON names a Python that has them)",
  () => {
    let agent: CompatibleAgent;
    const outcomes = new Map<string, Outcomes>();
    /** Rows whose models are not given a schema: the gateway says so, and the client finds no JSON. */
    const schemaless = new Set<string>();

    // One process for each client: to start one takes longer than all that it asks.
    beforeAll(async () => {
      agent = await startCompatibleAgent(SCENARIOS);
      const rows = PROVIDER_ROWS.map(({ name }) => name);
      const runs = CLIENTS.map(async ({ client }) => {
        const script = [`${FOLDER}${client}_client.py`, agent.url, agent.key, ...rows];
        const { stdout } = await run(python ?? 'python3', script, {
          maxBuffer: LARGEST_OUTPUT,
          env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
        });
        outcomes.set(client, JSON.parse(stdout) as Outcomes);
      });
      await Promise.all([...runs, ...rows.map(noteSchemaless)]);
    }, 120_000);
    afterAll(() => agent?.close());

    async function noteSchemaless(name: string): Promise<void> {
      const schema = { type: 'object', properties: { a: { type: 'string' } } };
      const answer = await fetch(`${agent.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${agent.key}` },
        body: JSON.stringify({
          model: `${name}.plain`,
          messages: [{ role: 'user', content: 'Hi' }],
          response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
        }),
      });
      await answer.arrayBuffer();
      const dropped = answer.headers.get('x-bonito-dropped-params') ?? '';
      if (dropped.split(/, ?/).includes('response_format')) schemaless.add(name);
    }

    const cells = CLIENTS.flatMap(({ client, checks }) =>
      PROVIDER_ROWS.flatMap(({ name }) => checks.map((check) => ({ client, check, name }))),
    );
    it.each(cells)('$client, $check, at $name', ({ client, check, name }) => {
      const outcome = outcomes.get(client)?.[name]?.[check];
      if (check.endsWith('parse') && schemaless.has(name)) expect(outcome).toContain('Invalid JSON');
      else expect(outcome).toBe(null);
    });
  },
);
