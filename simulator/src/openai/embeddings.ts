import { integerWithin } from '../json-value.ts';
import { countTokens } from '../model/count-tokens.ts';
import { embedText } from '../model/embed-text.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { OpenAiError } from './openai-error.ts';
import { reportUsage } from './report-usage.ts';

const usualDimensions = 1536;
const mostDimensions = 8192;
const mostInputs = 2048;

/** Answers `POST /v1/embeddings`, https://platform.openai.com/docs/api-reference/embeddings. Throws `OpenAiError`. */
export function embeddings({ body, model, behaviour }: SurfaceRequest): Answer {
  const inputs = readInputs(body.input);
  const dimensions = readDimensions(body.dimensions);
  const asBase64 = readIsBase64(body.encoding_format);
  const data = inputs.map(({ text }, index) => {
    const vector = embedText(text, dimensions);
    const embedding = asBase64 ? toBase64(vector) : Array.from(vector);
    return { object: 'embedding', index, embedding };
  });
  const counted = inputs.reduce((sum, { tokens }) => sum + tokens, 0);
  const { input, usage } = reportUsage(behaviour, counted, 0);
  const answer = {
    object: 'list',
    data,
    model,
    ...(usage && { usage: { prompt_tokens: input, total_tokens: input } }),
  };
  return { inputTokens: input, outputTokens: 0, content: { kind: 'json', body: JSON.stringify(answer) } };
}

interface EmbeddingInput {
  text: string;
  tokens: number;
}

/** A string, strings, token numbers, or lists of token numbers. */
function readInputs(input: unknown): EmbeddingInput[] {
  if (typeof input === 'string') return [textInput(input)];
  if (Array.isArray(input) && input.length > 0 && input.length <= mostInputs) {
    if (input.every((item) => typeof item === 'string')) return input.map(textInput);
    if (isTokenList(input)) return [tokenInput(input)];
    if (input.every(isTokenList)) return input.map(tokenInput);
  }
  const message = `'input' must be a string, or an array of 1 to ${mostInputs} strings or token lists.`;
  throw new OpenAiError(400, message, { param: 'input' });
}

function textInput(text: string): EmbeddingInput {
  return { text, tokens: countTokens(text) };
}

function tokenInput(tokens: number[]): EmbeddingInput {
  return { text: tokens.join(' '), tokens: tokens.length };
}

function isTokenList(value: unknown): value is number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => Number.isInteger(item));
}

function readDimensions(value: unknown): number {
  if (value === undefined || value === null) return usualDimensions;
  const dimensions = integerWithin(value, 1, mostDimensions);
  if (dimensions !== undefined) return dimensions;
  throw new OpenAiError(400, `'dimensions' must be a whole number from 1 to ${mostDimensions}.`, {
    param: 'dimensions',
  });
}

function readIsBase64(value: unknown): boolean {
  if (value === undefined || value === null || value === 'float') return false;
  if (value === 'base64') return true;
  throw new OpenAiError(400, "'encoding_format' must be 'float' or 'base64'.", { param: 'encoding_format' });
}

/** OpenAI's base64 form: 32-bit floats, little-endian. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString('base64');
}
