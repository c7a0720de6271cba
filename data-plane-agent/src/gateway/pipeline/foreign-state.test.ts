import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ForeignState, newId, sha256 } from '@bonito/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StateSeal } from '../state/state-seal.ts';
import { startTestGateway, TEST_KEY, type TestGateway } from './fixtures/test-gateway.ts';

const seal = new StateSeal(Buffer.alloc(32, 7));
const FAILED = 'the first provider is out of order';

/** Who was called, and what each got. */
let called: { who: string; body: string }[] = [];
/** Who answers 500. */
let broken: string[] = [];
let provider: Server;
let gateway: TestGateway;

beforeAll(async () => {
  provider = createServer((incoming, outgoing) => {
    const pieces: Buffer[] = [];
    incoming.on('data', (piece: Buffer) => pieces.push(piece));
    incoming.on('end', () => {
      const who = incoming.url?.split('/')[1] ?? '';
      called.push({ who, body: Buffer.concat(pieces).toString() });
      const bad = broken.includes(who);
      outgoing.writeHead(bad ? 500 : 200, { 'content-type': 'application/json' });
      const message = { role: 'assistant', content: who };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      const answer = incoming.url?.endsWith('/responses')
        ? { id: 'resp_next', object: 'response', status: 'completed', output: [] }
        : { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices };
      outgoing.end(JSON.stringify(bad ? { error: { message: FAILED, type: 'server_error' } } : answer));
    });
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  provider.closeAllConnections();
  provider.close();
});
beforeEach(() => {
  called = [];
  broken = [];
});
afterEach(() => gateway.close());

async function start(foreignState: ForeignState): Promise<void> {
  const { port } = provider.address() as AddressInfo;
  const targets = ['one', 'two'].map((who) => ({
    baseUrl: `http://127.0.0.1:${port}/${who}`,
    upstreamModel: who,
    provider: { kind: 'openai' as const, retries: 0 },
  }));
  gateway = await startTestGateway({ models: { m: targets } });
  Object.assign(gateway.snapshot.models.get('m') ?? {}, { foreignState });
}

function issuer(target: number | undefined) {
  const targets = gateway.snapshot.models.get('m')?.targets ?? [];
  const deploymentId = target === undefined ? newId() : (targets[target]?.deployment.id ?? '');
  return { deploymentId, keyId: gateway.snapshot.principal(sha256(TEST_KEY))?.keyId ?? '' };
}

const turns = (assistant: object) => [
  { role: 'user', content: 'hello' },
  { role: 'assistant', ...assistant },
  { role: 'user', content: 'go on' },
];

/** A conversation with state of a target, or of a deployment that is elsewhere: on the provider's own wire, and translated. */
const WIRES = {
  passed: (target: number | undefined) => {
    const data = seal.seal('secret thoughts', issuer(target));
    const assistant = { content: 'hi', reasoning_details: [{ type: 'reasoning.encrypted', data }] };
    return gateway.post('/v1/chat/completions', { model: 'm', messages: turns(assistant) });
  },
  translated: (target: number | undefined) => {
    const signature = seal.seal('secret thoughts', issuer(target));
    const thinking = { type: 'thinking', thinking: 'hm', signature };
    const assistant = { content: [thinking, { type: 'text', text: 'hi' }] };
    return gateway.post('/v1/messages', { model: 'm', max_tokens: 9, messages: turns(assistant) });
  },
};

describe.each(Object.entries(WIRES))('state of another deployment, %s', (_wire, ask) => {
  it('is left out and named where the route sheds it, also at fail-over', async () => {
    await start('shed');
    broken = ['one'];
    const answer = await ask(0);
    expect(answer.status).toBe(200);
    expect(decodeURI(answer.headers.get('x-bonito-dropped-params') ?? '')).toMatch(/messages\[1\]/);
    expect(called.map(({ who }) => who)).toEqual(['one', 'two']);
    expect(called[1]?.body).not.toContain('secret thoughts');
  });

  it('keeps the request with its issuer where the route loses none, whatever the order', async () => {
    await start('error');
    const answer = await ask(1);
    expect(answer.status).toBe(200);
    expect(called.map(({ who }) => who)).toEqual(['two']);
    expect((await gateway.settled(1))[0]?.attempts).toHaveLength(1);
  });

  it.each([0, 1])(
    'gives the issuer’s own error when it fails, and asks no other: target %i',
    async (target) => {
      await start('error');
      broken = ['one', 'two'];
      const answer = await ask(target);
      expect(answer.status).toBe(500);
      expect(await answer.text()).toContain(FAILED);
      expect(called).toHaveLength(1);
      expect((await gateway.settled(1))[0]).toMatchObject({ outcome: 'error', error_code: 'provider_error' });
    },
  );

  it('says what to do where the issuer is not among the targets', async () => {
    await start('error');
    const answer = await ask(undefined);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.headers.get('x-bonito-error-source')).toBe('gateway');
    const { error } = JSON.parse(await answer.text());
    expect(error.type).toBe('invalid_request_error');
    expect(error.message).toContain('Try again later');
    expect(error.param ?? error.message).toContain('messages[1]');
    expect(called).toEqual([]);
  });
});

describe('a route that loses no state', () => {
  it('fails over as ever when there is none', async () => {
    await start('error');
    broken = ['one'];
    const messages = [{ role: 'user', content: 'hello' }];
    expect((await gateway.post('/v1/chat/completions', { model: 'm', messages })).status).toBe(200);
    expect(called.map(({ who }) => who)).toEqual(['one', 'two']);
  });
});

describe('a stored response', () => {
  const next = (target: number | undefined) =>
    gateway.post('/v1/responses', {
      model: 'm',
      input: 'go on',
      previous_response_id: seal.sealIntoId('resp_1', 'response', issuer(target)),
    });

  it.each([0, 1])(
    'is continued by its issuer, or gives the issuer’s own error: target %i',
    async (target) => {
      await start('shed');
      expect((await next(target)).status).toBe(200);
      broken = ['one', 'two'];
      const failed = await next(target);
      expect([failed.status, await failed.text()]).toEqual([500, expect.stringContaining(FAILED)]);
      expect(called.map(({ who }) => who)).toEqual([['one', 'two'][target], ['one', 'two'][target]]);
    },
  );

  it('is not known where its issuer is not among the targets', async () => {
    await start('shed');
    expect((await next(undefined)).status).toBe(404);
    expect(called).toEqual([]);
  });
});
