import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatAgentToken, newId } from '@bonito/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, openSession } from './listener/test-http2-client.ts';
import {
  endAll,
  runAgent,
  standaloneFile,
  startServer,
  startTestAgent,
  TEST_KEY,
} from './start-test-agent.ts';

afterEach(endAll);

const token = formatAgentToken({
  organization: newId(),
  rootFingerprint: Buffer.alloc(32).toString('base64url'),
});
const connected = {
  BONITO_CONTROL_PLANE: 'http://127.0.0.1:1',
  BONITO_ORG_TOKEN: token,
  BONITO_LISTEN: '127.0.0.1:0',
  BONITO_ADMIN_LISTEN: '127.0.0.1:0',
};

function chat(url: string, body: object = {}): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'canary-prompt' }], ...body }),
  });
}

const ANSWER = JSON.stringify({
  id: 'x',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'canary-answer' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

describe('starting', () => {
  it.each<[string, string[], Record<string, string>, RegExp]>([
    ['no configuration', [], {}, /^bonito-agent: Nothing says where the configuration comes from/],
    [
      'a token that is none',
      [],
      { ...connected, BONITO_ORG_TOKEN: 'bt-canary' },
      /^bonito-agent: .*begins with bt-/,
    ],
    [
      'a token file that is missing',
      [],
      { ...connected, BONITO_ORG_TOKEN: '', BONITO_ORG_TOKEN_FILE: '/nowhere/token' },
      /^bonito-agent: BONITO_ORG_TOKEN_FILE names the file \/nowhere\/token, which cannot be read \(ENOENT\)/,
    ],
    [
      'a CA that is missing',
      [],
      { ...connected, BONITO_CA_FILE: '/nowhere' },
      /^bonito-agent: BONITO_CA_FILE names/,
    ],
    [
      'a state folder that cannot be made',
      [],
      { ...connected, BONITO_STATE_DIR: '/dev/null/state' },
      /^bonito-agent: The state folder \/dev\/null\/state cannot be written \(ENOTDIR\); .*BONITO_STATE_DIR/,
    ],
  ])('ends with a sentence and code 2: %s', async (_case, args, environment, expected) => {
    const { code, output } = await runAgent(args, environment).ended;
    expect(output).toMatch(expected);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
    expect(output).not.toContain('canary');
  });

  it('ends with a sentence and code 2 when a port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    for (const name of ['BONITO_LISTEN', 'BONITO_ADMIN_LISTEN']) {
      const { code, output } = await runAgent([], {
        ...connected,
        [name]: `127.0.0.1:${port}`,
        BONITO_LOG_LEVEL: 'error',
      }).ended;
      expect(output.trim()).toBe(
        `bonito-agent: ${name}: cannot listen on 127.0.0.1:${port}: another process has this port; end it or choose another one (EADDRINUSE).`,
      );
      expect(code).toBe(2);
    }
    other.close();
  });

  it('says where a mistake in the file of a standalone configuration is', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'bonito-wrong-')), 'bonito.yaml');
    writeFileSync(
      path,
      standaloneFile('http://127.0.0.1:1/v1').replace('name: m, provider: p', 'name: m, provider: q'),
    );
    const { code, output } = await runAgent(['--config', path]).ended;
    expect(output).toContain(path);
    expect(output).toMatch(/line \d+|:\d+/);
    expect(code).toBe(2);
  });

  it('prints help, version and settings without starting', async () => {
    expect(await runAgent(['--version']).ended).toEqual({ code: 0, output: '0.1.0\n' });
    expect((await runAgent(['--help']).ended).output).toContain('BONITO_CONTROL_PLANE');
    const { code, output } = await runAgent(['--print-config'], connected).ended;
    expect(code).toBe(0);
    expect(output).toContain('BONITO_CONTROL_PLANE: "http://127.0.0.1:1" # BONITO_CONTROL_PLANE');
    expect(output).not.toContain(token);
  });
});

describe('serving', () => {
  it('answers from a file, counts, and writes no content to log, metrics or the admin port', async () => {
    const port = await startServer((incoming, outgoing) => {
      incoming.resume();
      outgoing
        .writeHead(200, { 'content-type': 'application/json', 'x-canary': 'canary-header' })
        .end(ANSWER);
    });
    const agent = await startTestAgent(standaloneFile(`http://127.0.0.1:${port}/v1`, 'log_level: debug'));
    expect((await fetch(`${agent.adminUrl}/health/ready`)).status).toBe(200);
    const answer = await chat(agent.url);
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'canary-answer' } }] });
    await chat(agent.url, { model: 'canary-model' });
    const metrics = await (await fetch(`${agent.adminUrl}/metrics`)).text();
    expect(metrics).toContain(
      'bonito_requests_total{surface="openai-chat",status="200",outcome="success"} 1',
    );
    const shown = await Promise.all(
      ['/outbox', '/config'].map(async (path) => (await fetch(agent.adminUrl + path)).text()),
    );
    agent.process.kill('SIGTERM');
    const { code, output } = await agent.ended;
    expect(code).toBe(0);
    expect([metrics, ...shown, output].join()).not.toMatch(/canary|bn-of-a-test/);
  });

  it('lets a stream finish after SIGTERM, and takes no new work meanwhile', async () => {
    let finish = () => {};
    const port = await startServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: {"id":"x","choices":[{"index":0,"delta":{"content":"one"}}]}\n\n');
      finish = () => outgoing.end('data: [DONE]\n\n');
    });
    const agent = await startTestAgent(standaloneFile(`http://127.0.0.1:${port}/v1`));
    const answer = await chat(agent.url, { stream: true });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('one');
    agent.process.kill('SIGTERM');
    while (!agent.output().includes('"msg":"stopping"'))
      await once(agent.process.stdout ?? agent.process, 'data');
    expect((await fetch(`${agent.adminUrl}/health/ready`)).status).toBe(503);
    await expect(chat(agent.url)).rejects.toThrow();
    finish();
    let rest = '';
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read())
      rest += piece.value;
    expect(rest).toContain('[DONE]');
    expect((await agent.ended).code).toBe(0);
  });

  it('sends the last answers whole before it ends, over HTTP/1 and HTTP/2', async () => {
    const held: (() => void)[] = [];
    const large = JSON.stringify({ ...JSON.parse(ANSWER), padding: 'x'.repeat(3_000_000) });
    const port = await startServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      held.push(() => outgoing.end(large));
    });
    const agent = await startTestAgent(standaloneFile(`http://127.0.0.1:${port}/v1`));
    const first = chat(agent.url).then((answer) => answer.text());
    const session = openSession(agent.url);
    const headers = {
      ':method': 'POST',
      ':path': '/v1/chat/completions',
      authorization: `Bearer ${TEST_KEY}`,
    };
    const second = ask(session, headers, JSON.stringify({ model: 'm', messages: [] }));
    await expect.poll(() => held.length).toBe(2);
    agent.process.kill('SIGTERM');
    await once(session, 'goaway');
    for (const answer of held) answer();
    expect((await first).length).toBe(large.length);
    expect((await second).text.length).toBe(large.length);
    expect((await agent.ended).code).toBe(0);
  });

  it('ends a stream at the deadline, and at once on a second signal', async () => {
    const port = await startServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
      outgoing.write('data: {"id":"x","choices":[{"index":0,"delta":{"content":"one"}}]}\n\n');
    });
    const cases = [
      { deadline: '200ms', signals: 1, code: 0 },
      { deadline: '1h', signals: 2, code: 1 },
    ];
    for (const { deadline, signals, code } of cases) {
      const file = standaloneFile(`http://127.0.0.1:${port}/v1`, `stop_deadline: ${deadline}`);
      const agent = await startTestAgent(file);
      const answer = await chat(agent.url, { stream: true });
      const read = answer.text().catch(() => 'cut');
      agent.process.kill('SIGINT');
      while (!agent.output().includes('"msg":"stopping"'))
        await once(agent.process.stdout ?? agent.process, 'data');
      if (signals === 2) agent.process.kill('SIGTERM');
      expect((await agent.ended).code).toBe(code);
      await read;
    }
  });

  it('runs twice on one state folder', async () => {
    const port = await startServer((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(ANSWER);
    });
    const shared = { BONITO_STATE_DIR: mkdtempSync(join(tmpdir(), 'bonito-shared-')) };
    const file = standaloneFile(`http://127.0.0.1:${port}/v1`);
    const agents = await Promise.all([startTestAgent(file, shared), startTestAgent(file, shared)]);
    for (const agent of agents) expect((await chat(agent.url)).status).toBe(200);
    for (const agent of agents) agent.process.kill('SIGTERM');
    for (const agent of agents) expect((await agent.ended).code).toBe(0);
  });
});
