import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataOf, startTestGateway, type TestGateway } from './fixtures/test-gateway.ts';

const THREE = { model: 'm', stream: true, n: 3, messages: [{ role: 'user', content: 'Hi.' }] };
const OVERLOADED = { type: 'overloaded_error', message: 'no more' };

/** A call to a provider of Anthropic's kind, whose answer a test writes. */
class Call {
  readonly outgoing: ServerResponse;
  aborted = false;

  constructor(outgoing: ServerResponse) {
    this.outgoing = outgoing;
    outgoing.on('close', () => {
      this.aborted = !outgoing.writableFinished;
    });
  }

  event(type: string, more: object = {}): this {
    if (!this.outgoing.headersSent) this.outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    this.outgoing.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`);
    return this;
  }

  start(): this {
    const message = {
      id: 'msg_1',
      role: 'assistant',
      model: 'claude',
      content: [],
      usage: { input_tokens: 4 },
    };
    return this.event('message_start', { message });
  }

  say(text: string): this {
    this.event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
    return this.event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  }

  finish(): void {
    this.event('content_block_stop', { index: 0 });
    this.event('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } });
    this.event('message_stop').outgoing.end();
  }

  refuse(status: number, error: object): void {
    this.outgoing.writeHead(status, { 'content-type': 'application/json' });
    this.outgoing.end(JSON.stringify({ type: 'error', error }));
  }
}

let provider: Server;
let gateway: TestGateway;
let calls: Call[] = [];

beforeEach(async () => {
  calls = [];
  provider = createServer((incoming, outgoing) => {
    incoming.resume();
    calls.push(new Call(outgoing));
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const target = { baseUrl, upstreamModel: 'claude', provider: { kind: 'anthropic' as const, retries: 0 } };
  gateway = await startTestGateway({ models: { m: [target, target] } });
});
afterEach(async () => {
  await gateway.close();
  provider.closeAllConnections();
  provider.close();
});

interface Chunk {
  choices?: { index: number; delta: { role?: string; content?: string }; finish_reason: string | null }[];
  error?: { code: string; message: string };
}

/** The answer's stream, read while the test goes on. */
class Reading {
  text = '';
  readonly done: Promise<void>;

  constructor(asked: Promise<Response>) {
    this.done = asked.then(async ({ body }) => {
      for await (const piece of body?.pipeThrough(new TextDecoderStream()) ?? []) this.text += piece;
    });
  }

  async chunks(): Promise<Chunk[]> {
    await this.done;
    return dataOf(this.text).flatMap((data) => (data === '[DONE]' ? [] : [JSON.parse(data) as Chunk]));
  }
}

async function askForThree(): Promise<{ reading: Reading; three: [Call, Call, Call] }> {
  const reading = new Reading(gateway.post('/v1/chat/completions', THREE));
  await expect.poll(() => calls.length).toBe(3);
  return { reading, three: calls as [Call, Call, Call] };
}

describe('several answers in one stream', () => {
  it('begin with one start, whichever comes first, and end once', async () => {
    const { reading, three } = await askForThree();
    const [one, two, last] = three;
    last.start();
    await new Promise((resolve) => setTimeout(resolve, 20));
    one.start().say('a');
    await expect.poll(() => reading.text).toContain('"a"');
    expect(JSON.parse(dataOf(reading.text)[0] ?? '').choices[0].delta.role).toBe('assistant');
    two.start().say('b').finish();
    one.finish();
    last.say('c').finish();
    const chunks = await reading.chunks();
    const said = ['', '', ''];
    const finished: number[] = [];
    for (const { index, delta, finish_reason } of chunks.flatMap(({ choices = [] }) => choices)) {
      said[index] += delta.content ?? '';
      if (finish_reason) finished.push(index);
    }
    expect(said.toSorted()).toEqual(['a', 'b', 'c']);
    expect(finished.toSorted()).toEqual([0, 1, 2]);
    expect(dataOf(reading.text).filter((data) => data === '[DONE]')).toHaveLength(1);
    const [record] = await gateway.settled(1);
    expect(record).toMatchObject({ outcome: 'success', tokens: { input: 12, output: 6 } });
  });

  it.each<[string, boolean, (call: Call) => void, string]>([
    ['breaks off', true, (call) => call.outgoing.destroy(), 'stream_interrupted'],
    ['says so', true, (call) => call.event('error', { error: OVERLOADED }), 'overloaded'],
    ['never begins', false, (call) => call.outgoing.destroy(), 'provider_unreachable'],
    ['is refused', false, (call) => call.refuse(529, OVERLOADED), 'overloaded'],
  ])('end with one error when one %s while others are seen', async (_how, begins, fail, code) => {
    const { reading, three } = await askForThree();
    const [one, two, last] = three;
    one.start().say('a');
    if (begins) two.start().say('b');
    await expect.poll(() => reading.text).toContain(begins ? '"b"' : '"a"');
    fail(two);
    const chunks = await reading.chunks();
    const errors = chunks.filter(({ error }) => error);
    expect(errors).toHaveLength(1);
    expect(chunks.at(-1)?.error).toBeTruthy();
    expect(errors[0]?.error?.code).not.toBe('client_closed');
    expect(reading.text).not.toContain('[DONE]');
    await expect.poll(() => [one.aborted, last.aborted]).toEqual([true, true]);
    const records = await gateway.settled(1);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      outcome: 'error',
      error_code: expect.not.stringMatching('client_closed'),
    });
    expect(records[0]?.attempts).toHaveLength(3);
    expect(records[0]?.attempts.map(({ outcome }) => outcome).toSorted()).toEqual([
      'cancelled',
      'cancelled',
      'error',
    ]);
    expect(records[0]?.attempts.find(({ outcome }) => outcome === 'error')?.error_code).toMatch(code);
    expect(calls).toHaveLength(3);
  });

  it.each<[string, (call: Call) => void]>([
    ['breaks off', (call) => call.outgoing.destroy()],
    ['is refused', (call) => call.refuse(529, OVERLOADED)],
  ])('end with one error when the last one %s after the others were complete', async (_how, fail) => {
    const { reading, three } = await askForThree();
    const [one, two, last] = three;
    one.start().say('a').finish();
    two.start().say('b').finish();
    await expect.poll(() => reading.text).toContain('"b"');
    fail(last);
    const chunks = await reading.chunks();
    expect(chunks.filter(({ error }) => error)).toHaveLength(1);
    expect(reading.text).not.toContain('[DONE]');
    const [record] = await gateway.settled(1);
    expect(record?.attempts.map(({ outcome }) => outcome).toSorted()).toEqual([
      'error',
      'success',
      'success',
    ]);
    expect(record).toMatchObject({ outcome: 'error' });
  });

  it('all go on when a client that read too slowly has caught up', async () => {
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1').pause();
    const body = JSON.stringify(THREE);
    const head = ['POST /v1/chat/completions HTTP/1.1', 'host: a', 'authorization: Bearer bn-test-key'];
    socket.write([...head, 'connection: close', `content-length: ${body.length}`, '', body].join('\r\n'));
    await expect.poll(() => calls.length).toBe(3);
    const large = 'x'.repeat(100_000);
    for (let round = 0; round < 100; round++) for (const call of calls) call.start().say(large);
    for (const call of calls) call.finish();
    // Until nothing more is taken from any of the three.
    const waiting = () => calls.map(({ outgoing }) => outgoing.writableLength);
    for (let last = ''; last !== String(waiting()); ) {
      last = String(waiting());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(Math.min(...waiting())).toBeGreaterThan(0);
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toContain('[DONE]');
    expect((await gateway.settled(1))[0]).toMatchObject({ outcome: 'success' });
  });

  it('fail over together when one fails before any was seen', async () => {
    const { reading, three } = await askForThree();
    three[0].start();
    three[1].refuse(529, OVERLOADED);
    await expect.poll(() => calls.length).toBe(6);
    for (const call of calls.slice(3)) call.start().say('x').finish();
    const chunks = await reading.chunks();
    expect(chunks.some(({ error }) => error)).toBe(false);
    expect(reading.text).toContain('[DONE]');
    const [record] = await gateway.settled(1);
    expect(record?.outcome).toBe('success');
    expect(record?.attempts).toHaveLength(6);
  });

  it('are all cancelled when the client hangs up', async () => {
    const client = new AbortController();
    const asked = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer bn-test-key', 'content-type': 'application/json' },
      body: JSON.stringify(THREE),
      signal: client.signal,
    });
    await expect.poll(() => calls.length).toBe(3);
    calls[0]?.start().say('a');
    await asked;
    client.abort();
    await expect.poll(() => calls.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    const records = await gateway.settled(1);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ outcome: 'cancelled', error_code: 'client_closed' });
    expect(records[0]?.attempts).toHaveLength(3);
  });
});
