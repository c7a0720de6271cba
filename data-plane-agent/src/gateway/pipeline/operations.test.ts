import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, { toFile } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestGateway, TEST_KEY, type TestGateway } from './fixtures/test-gateway.ts';

/** What the server saw last, and what it answers. */
interface Seen {
  path: string;
  contentType: string;
  body: Buffer;
}

const SOUND = Buffer.from([0x49, 0x44, 0x33, 0, 255, 13, 10, 45, 45, 0]);
const USAGE = { prompt_tokens: 3, total_tokens: 3 };
const IMAGES = {
  created: 1,
  data: [{ b64_json: 'AAAA' }],
  usage: {
    total_tokens: 60,
    input_tokens: 10,
    output_tokens: 50,
    input_tokens_details: { text_tokens: 4, image_tokens: 6 },
  },
};
const TRANSCRIPT = {
  text: 'hello',
  usage: {
    type: 'tokens',
    input_tokens: 14,
    input_token_details: { text_tokens: 4, audio_tokens: 10 },
    output_tokens: 5,
    total_tokens: 19,
  },
};

describe('requests other than chat, by the real client', () => {
  let upstream: Server;
  let gateway: TestGateway;
  let client: OpenAI;
  let seen: Seen;
  let reply: { type: string; body: string | Buffer };
  beforeAll(async () => {
    upstream = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { url = '', headers } = request;
      seen = { path: url, contentType: headers['content-type'] ?? '', body: Buffer.concat(chunks) };
      response.writeHead(200, { 'content-type': reply.type }).end(reply.body);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => upstream.close(resolve)));
  beforeEach(async () => {
    const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/v1`;
    gateway = await startTestGateway({ models: { mine: { baseUrl, upstreamModel: 'theirs' } } });
    client = new OpenAI({ apiKey: TEST_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 });
  });
  afterEach(() => gateway.close());

  const answers = (body: unknown) => {
    reply = { type: 'application/json', body: JSON.stringify(body) };
  };
  const streams = (...events: object[]) => {
    const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
    reply = { type: 'text/event-stream', body };
  };
  /** The form as a reader of its own sees it. */
  const formSeen = () =>
    new Response(new Uint8Array(seen.body), { headers: { 'content-type': seen.contentType } }).formData();
  const attempt = async () => (await gateway.settled(1))[0]?.attempts[0];
  const file = () => toFile(SOUND, 'speech.mp3', { type: 'audio/mpeg' });

  it('transcribes: the form goes on byte for byte but for the model', async () => {
    answers(TRANSCRIPT);
    const transcript = await client.audio.transcriptions.create({
      model: 'mine',
      file: await file(),
      language: 'en',
      timestamp_granularities: ['word', 'segment'],
    });
    expect(transcript.text).toBe('hello');
    expect(seen.path).toBe('/v1/audio/transcriptions');
    const form = await formSeen();
    expect(form.get('model')).toBe('theirs');
    expect(form.get('language')).toBe('en');
    expect(form.getAll('timestamp_granularities[]')).toEqual(['word', 'segment']);
    expect(Buffer.from(await (form.get('file') as File).arrayBuffer())).toEqual(SOUND);
    expect(await attempt()).toMatchObject({
      quality: 'exact',
      tokens: { input: 4, audio_input: 10, output: 5 },
    });
    expect(gateway.buffered).toBe(0);
  });

  it.each([
    ['text', 'text/plain; charset=utf-8', 'hello\n'],
    ['srt', 'text/plain', '1\n00:00:00,000 --> 00:00:01,000\nhello\n'],
    ['vtt', 'text/vtt', 'WEBVTT\n\n'],
  ] as const)(
    'passes a transcript as %s, and estimates no tokens from sounds',
    async (format, type, body) => {
      reply = { type, body };
      const transcript: unknown = await client.audio.transcriptions.create({
        model: 'mine',
        file: await file(),
        response_format: format,
      });
      expect(transcript).toBe(body);
      expect(await attempt()).toMatchObject({ quality: 'estimated', tokens: {} });
    },
  );

  it('counts seconds as what they are', async () => {
    answers({ text: 'hello', usage: { type: 'duration', seconds: 8.2 } });
    await client.audio.transcriptions.create({ model: 'mine', file: await file() });
    expect(await attempt()).toMatchObject({
      quality: 'exact',
      tokens: { audio_seconds: 9 },
      price_revision: 'unpriced',
    });
  });

  it('does not pass a web page for a transcript', async () => {
    reply = { type: 'text/html', body: '<html></html>' };
    await expect(client.audio.transcriptions.create({ model: 'mine', file: await file() })).rejects.toThrow(
      OpenAI.APIError,
    );
  });

  it('streams a transcript', async () => {
    streams(
      { type: 'transcript.text.delta', delta: 'hel' },
      { type: 'transcript.text.done', text: 'hello', usage: TRANSCRIPT.usage },
    );
    const stream = await client.audio.transcriptions.create({
      model: 'mine',
      file: await file(),
      stream: true,
    });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['transcript.text.delta', 'transcript.text.done']);
    expect((await formSeen()).get('stream')).toBe('true');
    expect((await gateway.settled(1))[0]?.stream).toBe(true);
    expect(await attempt()).toMatchObject({ quality: 'exact', tokens: { audio_input: 10 } });
  });

  it('translates', async () => {
    answers({ text: 'hello' });
    const translation = await client.audio.translations.create({ model: 'mine', file: await file() });
    expect(translation.text).toBe('hello');
    expect(seen.path).toBe('/v1/audio/translations');
  });

  it('speaks', async () => {
    reply = { type: 'audio/mpeg', body: SOUND };
    const speech = await client.audio.speech.create({ model: 'mine', voice: 'alloy', input: 'hello there' });
    expect(Buffer.from(await speech.arrayBuffer())).toEqual(SOUND);
    expect(speech.headers.get('content-type')).toBe('audio/mpeg');
    const recorded = await attempt();
    expect(recorded?.quality).toBe('estimated');
    expect(recorded?.tokens.output).toBeUndefined();
  });

  it('makes images and edits them', async () => {
    answers(IMAGES);
    const made = await client.images.generate({ model: 'mine', prompt: 'a cat' });
    expect(made.data?.[0]?.b64_json).toBe('AAAA');
    expect(JSON.parse(seen.body.toString())).toEqual({ model: 'theirs', prompt: 'a cat' });
    const image = [
      await toFile(SOUND, 'a.png', { type: 'image/png' }),
      await toFile(SOUND, 'b.png', { type: 'image/png' }),
    ];
    await client.images.edit({ model: 'mine', prompt: 'a hat', image });
    const form = await formSeen();
    expect([form.get('model'), form.get('prompt'), form.getAll('image[]').length]).toEqual([
      'theirs',
      'a hat',
      2,
    ]);
    for (const record of await gateway.settled(2))
      expect(record.attempts[0]?.tokens).toEqual({ input: 4, image_input: 6, image_output: 50 });
  });

  it('edits images by JSON too', async () => {
    answers(IMAGES);
    const body = { model: 'mine', prompt: 'a hat', images: [{ file_id: 'file-1' }] };
    expect((await gateway.post('/v1/images/edits', body)).status).toBe(200);
    expect(JSON.parse(seen.body.toString())).toEqual({ ...body, model: 'theirs' });
    expect(seen.contentType).toBe('application/json');
  });

  it('streams images', async () => {
    streams(
      { type: 'image_generation.partial_image', b64_json: 'A'.repeat(4_000), partial_image_index: 0 },
      { type: 'image_generation.completed', b64_json: 'AAAA', usage: IMAGES.usage },
    );
    const stream = await client.images.generate({ model: 'mine', prompt: 'a cat', stream: true });
    const types: string[] = [];
    for await (const event of stream) types.push(event.type);
    expect(types).toEqual(['image_generation.partial_image', 'image_generation.completed']);
    expect(await attempt()).toMatchObject({ quality: 'exact', tokens: { image_output: 50 } });
  });

  it('moderates, embeds, completes and ranks', async () => {
    answers({ id: 'modr-1', model: 'theirs', results: [{ flagged: false }] });
    expect((await client.moderations.create({ model: 'mine', input: 'x' })).results[0]?.flagged).toBe(false);
    answers({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: 'AACAPw==' }],
      usage: USAGE,
    });
    const embedded = await client.embeddings.create({ model: 'mine', input: 'x' });
    expect(embedded.data[0]?.embedding).toEqual([1]);
    answers({ object: 'text_completion', choices: [{ index: 0, text: 'y' }], usage: USAGE });
    const completion = await client.completions.create({ model: 'mine', prompt: 'x' });
    expect(completion.choices[0]?.text).toBe('y');
    answers({ results: [{ index: 0, relevance_score: 0.5 }] });
    const body = { model: 'mine', query: 'x', documents: ['y'] };
    expect(await client.post('/rerank', { body })).toEqual({ results: [{ index: 0, relevance_score: 0.5 }] });
    expect(JSON.parse(seen.body.toString())).toEqual({ ...body, model: 'theirs' });
  });

  describe('forms that are refused', () => {
    const boundary = 'xYz';
    const part = (disposition: string, content: string, more = '') =>
      `--${boundary}\r\nContent-Disposition: form-data; ${disposition}${more}\r\n\r\n${content}\r\n`;
    const model = part('name="model"', 'mine');
    const sound = part('name="file"; filename="a.mp3"', 'abc');
    const end = `--${boundary}--\r\n`;
    const send = (body: string, type = `multipart/form-data; boundary=${boundary}`) =>
      gateway.post('/v1/audio/transcriptions', body, { 'content-type': type });

    it.each([
      ['an unknown model', part('name="model"', 'other') + sound + end, 404, 'model_not_found'],
      ['no model', sound + end, 400, 'missing_required_parameter'],
      ['two models', model + sound + model + end, 400, 'ambiguous_key'],
      ['a model that looks like one', model + part('name="Model"', 'x') + end, 400, 'ambiguous_key'],
      ['a list of models', model + part('name="model[]"', 'x') + end, 400, 'ambiguous_key'],
      ['a model in percent signs', model + part('name="mod%65l"', 'x') + end, 400, 'ambiguous_key'],
      ['a model as a file', part('name="model"; filename="m"', 'mine') + end, 400, 'ambiguous_key'],
      ['two streams', model + part('name="stream"', 'true').repeat(2) + end, 400, 'ambiguous_key'],
      ['a stream that is no switch', model + part('name="stream"', 'maybe') + end, 400, 'invalid_type'],
      [
        'huge headers',
        model + part('name="a"', 'x', `\r\nX-A: ${'a'.repeat(9_000)}`) + end,
        400,
        'invalid_form',
      ],
      ['many parts', model + part('name="a"', 'x').repeat(300) + end, 400, 'invalid_form'],
      [
        'an encoding',
        model + part('name="a"', 'x', '\r\nContent-Transfer-Encoding: base64') + end,
        400,
        'invalid_form',
      ],
      ['a charset', model + part('name="_charset_"', 'utf-16') + end, 400, 'invalid_form'],
      ['a preamble', `\r\n${model}${end}`, 400, 'invalid_form'],
      ['an epilogue', `${model}${end}x`, 400, 'invalid_form'],
      ['no end', model, 400, 'invalid_form'],
      ['nothing', '', 400, 'invalid_form'],
    ])('%s', async (_what, body, status, code) => {
      const response = await send(body);
      expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
      expect(gateway.opened).toEqual([]);
    });

    it.each(['multipart/form-data', 'multipart/form-data; boundary=xYz; boundary=abc'])(
      '%s',
      async (type) => {
        expect((await send(model + sound + end, type)).status).toBe(400);
      },
    );

    it('not one where the path names the model', async () => {
      answers(TRANSCRIPT);
      const url = '/openai/deployments/mine/audio/transcriptions';
      const type = `multipart/form-data; boundary="${boundary}"`;
      expect((await gateway.post(url, sound + end, { 'content-type': type })).status).toBe(200);
      expect(seen.contentType).toBe(type);
      expect((await formSeen()).get('model')).toBe('theirs');
    });
  });
});
