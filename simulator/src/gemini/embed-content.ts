import { isRecord, type JsonObject } from '../json-value.ts';
import { countTokens } from '../model/count-tokens.ts';
import { embedText } from '../model/embed-text.ts';
import { onePixelPng } from '../model/one-pixel-png.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { partsOf } from './check-contents.ts';
import { GoogleError } from './google-error.ts';

const usualDimensions = 3072;
const usualVertexDimensions = 768;

/** Answers embedContent, https://ai.google.dev/api/embeddings. */
export function embedContent({ body }: SurfaceRequest): Answer {
  const { values, tokens } = embed(body);
  return jsonAnswer(tokens, { embedding: { values } });
}

/** Answers batchEmbedContents. */
export function batchEmbedContents({ body }: SurfaceRequest): Answer {
  if (!Array.isArray(body.requests))
    throw new GoogleError(400, '* BatchEmbedContentsRequest.requests: at least one request is required\n');
  const embeddings = body.requests.filter(isRecord).map(embed);
  const tokens = embeddings.reduce((sum, embedding) => sum + embedding.tokens, 0);
  return jsonAnswer(tokens, { embeddings: embeddings.map(({ values }) => ({ values })) });
}

/** Answers Vertex's `:predict` for embeddings (`content`) and for pictures (`prompt`). */
export function predict({ body }: SurfaceRequest): Answer {
  const instances = Array.isArray(body.instances) ? body.instances.filter(isRecord) : [];
  const parameters = isRecord(body.parameters) ? body.parameters : {};
  if (instances.length === 0) throw new GoogleError(400, 'Request must contain at least one instance.');
  if (instances[0]?.prompt !== undefined) return pictures(Number(parameters.sampleCount ?? 1));
  const dimensions = Number(parameters.outputDimensionality ?? usualVertexDimensions);
  const texts = instances.map(({ content }) => String(content ?? ''));
  const predictions = texts.map((text) => ({
    embeddings: {
      values: Array.from(embedText(text, dimensions)),
      statistics: { token_count: countTokens(text), truncated: false },
    },
  }));
  return jsonAnswer(
    texts.reduce((sum, text) => sum + countTokens(text), 0),
    { predictions },
  );
}

function pictures(count: number): Answer {
  const prediction = { mimeType: 'image/png', bytesBase64Encoded: onePixelPng };
  return jsonAnswer(0, { predictions: Array.from({ length: count }, () => prediction) });
}

function embed({ content, outputDimensionality }: JsonObject): { values: number[]; tokens: number } {
  const text = partsOf(content)
    .map((part) => String(part.text ?? ''))
    .join('');
  if (text === '') throw new GoogleError(400, '* EmbedContentRequest.content: contents is not specified\n');
  const values = Array.from(embedText(text, Number(outputDimensionality ?? usualDimensions)));
  return { values, tokens: countTokens(text) };
}

function jsonAnswer(inputTokens: number, value: unknown): Answer {
  return { inputTokens, outputTokens: 0, content: { kind: 'json', body: JSON.stringify(value) } };
}
