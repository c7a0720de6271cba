import { isRecord, type JsonObject } from '../json-value.ts';
import { countTokens } from '../model/count-tokens.ts';
import { embedText } from '../model/embed-text.ts';
import { rankTexts } from '../model/rank-texts.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { CohereError } from './cohere-wire.ts';

const usualDimensions = 1536;

/** Answers `POST /v2/embed`, https://docs.cohere.com/reference/embed. Throws `CohereError`. */
export function embed({ body, sequence }: SurfaceRequest): Answer {
  if (body.input_type === undefined) throw new CohereError(400, "invalid request: 'input_type' is required");
  const texts = readTexts(body);
  const dimensions = Number(body.output_dimension ?? usualDimensions);
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  const float = texts.map((text) => Array.from(embedText(text, dimensions)));
  return jsonAnswer(tokens, {
    id: `sim-${sequence}`,
    embeddings: { float },
    texts,
    meta: { api_version: { version: '2' }, billed_units: { input_tokens: tokens } },
    response_type: 'embeddings_by_type',
  });
}

function readTexts({ texts, inputs }: JsonObject): string[] {
  if (Array.isArray(texts) && texts.length > 0) return texts.map(String);
  if (Array.isArray(inputs) && inputs.length > 0) {
    return inputs.map((input) => {
      const parts = isRecord(input) && Array.isArray(input.content) ? input.content.filter(isRecord) : [];
      return parts.map(({ text }) => String(text ?? '')).join('');
    });
  }
  throw new CohereError(400, 'invalid request: at least one text is required');
}

/** Answers `POST /v2/rerank`, https://docs.cohere.com/reference/rerank. Throws `CohereError`. */
export function rerank({ body, sequence }: SurfaceRequest): Answer {
  if (typeof body.query !== 'string') throw new CohereError(400, 'invalid request: query must not be empty');
  if (!Array.isArray(body.documents) || body.documents.length === 0)
    throw new CohereError(400, 'invalid request: list of documents must not be empty');
  const texts = body.documents.map((document) =>
    isRecord(document) ? String(document.text) : String(document),
  );
  const results = rankTexts(body.query, texts).slice(0, Number(body.top_n ?? texts.length));
  return jsonAnswer(0, {
    id: `sim-${sequence}`,
    results: results.map(({ index, score }) => ({ index, relevance_score: score })),
    meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
  });
}

function jsonAnswer(inputTokens: number, value: unknown): Answer {
  return { inputTokens, outputTokens: 0, content: { kind: 'json', body: JSON.stringify(value) } };
}
