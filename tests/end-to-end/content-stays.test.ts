import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allLogs } from '../processes/all-logs.ts';
import { type RecordingProxy, startRecordingProxy } from '../processes/recording-proxy.ts';
import { waitForModels } from '../processes/simulated-models.ts';
import { type Planes, startPlanes } from '../processes/start-planes.ts';
import { waitUntil } from '../processes/wait-until.ts';

/** Found nowhere but where it was put. Each place has its own number, so that a leak says where it came from. */
const CANARY = 'CaNaRyStRiNg';
const canary = (place: number) => `${CANARY}${place}`;
const CREDENTIAL = `${CANARY}-provider-credential`;

let planes: Planes;
let proxy: RecordingProxy;

beforeAll(async () => {
  planes = await startPlanes({
    credential: CREDENTIAL,
    agentEnvironment: { BONITO_LOG_LEVEL: 'debug' },
    between: async (url) => {
      proxy = await startRecordingProxy(url);
      return proxy.url;
    },
  });
  await planes.addModel('echo', 'sim/echo');
  await planes.addModel('refusing', 'sim/status-400');
  await planes.addModel('broken', 'sim/status-500');
  await planes.addModel('cut', 'sim/echo,cut-after-2');
  await waitForModels(planes.agentUrl, planes.apiKey, ['echo', 'refusing', 'broken', 'cut']);
});
afterAll(async () => {
  await planes?.stop();
  proxy?.close();
});

async function send(path: string, body: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(planes.agentUrl + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${planes.apiKey}`, 'content-type': 'application/json', ...headers },
    body,
  });
  await answer.text().catch(() => '');
}

const everywhere = (model: string, extra: object = {}) =>
  JSON.stringify({
    model,
    messages: [
      { role: 'system', content: canary(1) },
      { role: 'user', name: canary(2), content: [{ type: 'text', text: canary(3) }] },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: canary(4), type: 'function', function: { name: canary(5), arguments: canary(6) } },
        ],
      },
      { role: 'tool', tool_call_id: canary(4), content: canary(7) },
      { role: 'user', content: canary(8) },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: canary(9),
          description: canary(10),
          parameters: { type: 'object', properties: { [canary(11)]: { type: 'string' } } },
        },
      },
    ],
    user: canary(12),
    metadata: { [canary(13)]: canary(14) },
    stop: [canary(15)],
    [canary(16)]: canary(17),
    ...extra,
  });

/** The same through the APIs that are translated on the way, with what only they have. */
const messagesOf = (model: string, stream: boolean) =>
  JSON.stringify({
    model,
    max_tokens: 100,
    stream,
    system: [{ type: 'text', text: canary(50), cache_control: { type: 'ephemeral' } }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: canary(51) }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: canary(52), signature: canary(53) },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: { [canary(54)]: canary(55) } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: canary(56) },
          { type: 'image', source: { type: 'url', url: `https://example.test/${canary(57)}` } },
          { type: 'text', text: canary(58) },
        ],
      },
    ],
    tools: [{ name: 'look', input_schema: { type: 'object', properties: { [canary(59)]: {} } } }],
    metadata: { user_id: canary(60) },
    stop_sequences: [canary(61)],
    [canary(62)]: canary(63),
  });

/** Every regular file under a folder, as text. */
function textOf(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

describe('promise 1: content stays', () => {
  test('canaries in every field are in nothing that leaves, is logged, measured or stored', {
    timeout: 90_000,
  }, async () => {
    const headers = {
      'x-request-id': canary(20),
      'user-agent': canary(21),
      'x-custom': canary(22),
      cookie: canary(23),
      'openai-organization': canary(24),
      traceparent: canary(25),
    };
    for (const model of ['echo', 'refusing', 'broken', 'cut']) {
      await send('/v1/chat/completions', everywhere(model), headers);
      await send('/v1/chat/completions', everywhere(model, { stream: true }), headers);
    }
    for (const model of ['echo', 'refusing', 'broken', 'cut']) {
      for (const stream of [false, true])
        await send('/v1/messages', messagesOf(model, stream), { ...headers, 'anthropic-beta': canary(64) });
    }
    const input = [{ role: 'user', content: [{ type: 'input_text', text: canary(65) }] }];
    await send('/v1/responses', JSON.stringify({ model: 'echo', instructions: canary(66), input }));
    await send('/v1/responses', JSON.stringify({ model: 'echo', input, previous_response_id: canary(67) }));
    await send(`/model/${canary(68)}/converse`, '{}');
    await send('/v1/completions', JSON.stringify({ model: 'echo', prompt: canary(30), suffix: canary(31) }));
    await send('/v1/embeddings', JSON.stringify({ model: 'echo', input: [canary(32)] }));
    await send('/v1/chat/completions', JSON.stringify({ model: canary(40), messages: [] }));
    await send('/v1/chat/completions', `{"model":"echo","messages":[{"role":"user","content":"${canary(41)}`);
    await send('/v1/chat/completions', JSON.stringify({ model: { [canary(42)]: 1 } }));
    await send(`/v1/${canary(43)}?q=${canary(44)}`, '{}');
    await send('/v1/chat/completions', everywhere('echo'), { authorization: `Bearer bn-${canary(45)}` });
    await send('/v1/chat/completions', everywhere('echo'), { 'x-api-key': canary(46) });
    await send('/v1/chat/completions', everywhere('echo'), {
      'content-type': canary(47),
      'content-encoding': 'identity',
    });
    expect(planes.simulator.attempts().total, 'the canaries reached the provider').toBeGreaterThan(8);

    await waitUntil(
      'the numbers of all of them are in the logs',
      async () => (await allLogs(planes.api)).length >= 10,
      30_000,
    );
    const metrics = await (await fetch(`${planes.agentAdminUrl}/metrics`)).text();
    const outbox = await (await fetch(`${planes.agentAdminUrl}/outbox`)).text();
    const logs = JSON.stringify(await allLogs(planes.api));
    await planes.agent.end();

    expect(proxy.sent()).toContain('/api/agent/ingest');
    expect(outbox).toContain('/api/agent/');
    const places: Record<string, string> = {
      'bytes sent to the control plane': proxy.sent(),
      metrics,
      outbox,
      'logs of the API': logs,
      "the agent's log": planes.agent.output(),
      "the control plane's log": planes.controlPlane.output(),
      "the agent's state folder": textOf(join(planes.folder, 'agent')),
      "the control plane's folder": textOf(join(planes.folder, 'control-plane')),
    };
    for (const [place, text] of Object.entries(places)) {
      expect(text.length, `${place} holds something`).toBeGreaterThan(0);
      const found = text.toLowerCase().indexOf(CANARY.toLowerCase());
      expect(found === -1 ? 'nothing' : text.slice(Math.max(0, found - 200), found + 100), place).toBe(
        'nothing',
      );
      const encoded = Buffer.from(CANARY).toString('base64').replace(/=+$/, '').slice(0, -1);
      expect(text.includes(encoded), `${place}, base64`).toBe(false);
    }
    for (const secret of [planes.apiKey, planes.orgToken, planes.adminToken]) {
      expect(outbox.includes(secret), 'outbox masks credentials').toBe(false);
      expect(planes.agent.output().includes(secret), "the agent's log").toBe(false);
      expect(planes.controlPlane.output().includes(secret), "the control plane's log").toBe(false);
    }
    expect(proxy.sent().includes(planes.apiKey), "an application's key goes nowhere").toBe(false);
  });
});
