import { isRecord, type JsonObject } from '../json-value.ts';
import { countTokens } from '../model/count-tokens.ts';
import { onePixelPng } from '../model/one-pixel-png.ts';
import { rankTexts } from '../model/rank-texts.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { sseFraming } from '../serving/sse-framing.ts';
import { OpenAiError } from './openai-error.ts';

const tokensForPicture = 256;
const mostPictures = 10;

const framing = sseFraming(() => new OpenAiError(500, 'The simulator was asked to fail in mid-stream.'));

function jsonAnswer(inputTokens: number, outputTokens: number, value: unknown): Answer {
  return { inputTokens, outputTokens, content: { kind: 'json', body: JSON.stringify(value) } };
}

function textOf(body: JsonObject, param: string): string {
  const value = body[param];
  if (typeof value === 'string' && value !== '') return value;
  throw new OpenAiError(400, `Missing required parameter: '${param}'.`, { param });
}

/** Answers `POST /v1/images/generations`: pictures of one dot. */
export function generateImages({ body, created }: SurfaceRequest): Answer {
  const input = countTokens(textOf(body, 'prompt'));
  const count = Number(body.n ?? 1);
  if (!(count >= 1 && count <= mostPictures))
    throw new OpenAiError(400, "Invalid value for 'n'.", { param: 'n' });
  const output = count * tokensForPicture;
  return jsonAnswer(input, output, {
    created,
    data: Array.from({ length: count }, () => ({ b64_json: onePixelPng })),
    usage: {
      input_tokens: input,
      input_tokens_details: { text_tokens: input, image_tokens: 0 },
      output_tokens: output,
      total_tokens: input + output,
    },
  });
}

/** Answers `POST /v1/images/edits`, which takes a form with one picture or more. */
export function editImages(request: SurfaceRequest): Answer {
  if (request.body.image === undefined)
    throw new OpenAiError(400, "Missing required parameter: 'image'.", { param: 'image' });
  return generateImages(request);
}

/** Answers `POST /v1/audio/transcriptions` and `/translations`: a text that says how many bytes it heard. */
export function transcribe({ body, stream }: SurfaceRequest): Answer {
  const { file } = body;
  if (!isRecord(file)) throw new OpenAiError(400, "Missing required parameter: 'file'.", { param: 'file' });
  const text = `Heard ${file.bytes} bytes.`;
  const output = countTokens(text);
  const input = Number(file.bytes);
  const usage = {
    type: 'tokens',
    input_tokens: input,
    input_token_details: { text_tokens: 0, audio_tokens: input },
    output_tokens: output,
    total_tokens: input + output,
  };
  if (stream || body.stream === 'true') {
    const events = [
      { data: JSON.stringify({ type: 'transcript.text.delta', delta: text }), tokens: output },
      { data: JSON.stringify({ type: 'transcript.text.done', text, usage }), tokens: 0 },
    ];
    return { inputTokens: input, outputTokens: output, content: { kind: 'stream', events, framing } };
  }
  if (body.response_format === 'text' || body.response_format === 'srt' || body.response_format === 'vtt') {
    const content = {
      kind: 'bytes',
      body: Buffer.from(`${text}\n`),
      contentType: 'text/plain; charset=utf-8',
    } as const;
    return { inputTokens: input, outputTokens: output, content };
  }
  return jsonAnswer(input, output, { text, usage });
}

const speechTypes: Record<string, string> = {
  mp3: 'audio/mpeg',
  opus: 'audio/opus',
  aac: 'audio/aac',
  flac: 'audio/flac',
  wav: 'audio/wav',
  pcm: 'audio/pcm',
};
const bytesOfWord = 512;

/** Answers `POST /v1/audio/speech`: bytes that are no sound, 512 for each word. */
export function speak({ body }: SurfaceRequest): Answer {
  const input = countTokens(textOf(body, 'input'));
  textOf(body, 'voice');
  const contentType = speechTypes[String(body.response_format ?? 'mp3')];
  if (contentType === undefined)
    throw new OpenAiError(400, "Invalid value for 'response_format'.", { param: 'response_format' });
  return {
    inputTokens: input,
    outputTokens: 0,
    content: { kind: 'bytes', body: Buffer.alloc(input * bytesOfWord, 7), contentType },
  };
}

const categories = ['harassment', 'hate', 'illicit', 'self-harm', 'sexual', 'violence'];

/** Answers `POST /v1/moderations`: what has the word "violence" in it is flagged. */
export function moderate({ body, model, sequence }: SurfaceRequest): Answer {
  const inputs = [body.input]
    .flat()
    .map((input) => (isRecord(input) ? String(input.text ?? '') : String(input ?? '')));
  if (body.input === undefined)
    throw new OpenAiError(400, "Missing required parameter: 'input'.", { param: 'input' });
  const results = inputs.map((text) => {
    const flagged = /violence/i.test(text);
    const hits = Object.fromEntries(categories.map((name) => [name, flagged && name === 'violence']));
    const scores = Object.fromEntries(categories.map((name) => [name, hits[name] ? 0.99 : 0.01]));
    return { flagged, categories: hits, category_scores: scores };
  });
  return jsonAnswer(0, 0, { id: `modr-sim-${sequence}`, model, results });
}

/** Answers `POST /v1/rerank`, as servers of OpenAI's wire have it. */
export function rerank({ body, model, sequence }: SurfaceRequest): Answer {
  const query = textOf(body, 'query');
  if (!Array.isArray(body.documents))
    throw new OpenAiError(400, "Missing required parameter: 'documents'.", { param: 'documents' });
  const texts = body.documents.map((document) =>
    isRecord(document) ? String(document.text) : String(document),
  );
  const tokens = [query, ...texts].reduce((sum, text) => sum + countTokens(text), 0);
  const results = rankTexts(query, texts)
    .slice(0, Number(body.top_n ?? texts.length))
    .map(({ index, score }) => ({ index, relevance_score: score, document: { text: texts[index] } }));
  return jsonAnswer(tokens, 0, {
    id: `rerank-sim-${sequence}`,
    model,
    results,
    usage: { total_tokens: tokens },
  });
}
