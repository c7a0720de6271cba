import { AnthropicError } from '../anthropic/anthropic-error.ts';
import { messages } from '../anthropic/messages.ts';
import { isRecord, type JsonObject } from '../json-value.ts';
import { countTokens } from '../model/count-tokens.ts';
import { embedText } from '../model/embed-text.ts';
import { rankTexts } from '../model/rank-texts.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { BedrockError } from './bedrock-error.ts';
import { chunkFraming } from './event-stream.ts';

/**
 * Answers InvokeModel, whose body is the model's own: Claude's messages, Titan's and Cohere's embeddings, rerank.
 * Throws `BedrockError`.
 */
export function invokeModel(request: SurfaceRequest): Answer {
  const { body } = request;
  if (body.anthropic_version !== undefined || body.max_tokens !== undefined) return invokeClaude(request);
  if (typeof body.inputText === 'string') return titanEmbedding(body, body.inputText);
  if (Array.isArray(body.texts)) return cohereEmbeddings(body, body.texts.map(String));
  if (Array.isArray(body.documents)) return rerank(body, body.documents);
  throw new BedrockError(
    400,
    'Malformed input request: #: required key [messages] not found, please reformat your input and try again.',
  );
}

function invokeClaude(request: SurfaceRequest): Answer {
  const { anthropic_version: version, model, stream, ...rest } = request.body;
  if (version === undefined) throw malformed('#: required key [anthropic_version] not found');
  if (version !== 'bedrock-2023-05-31')
    throw new BedrockError(400, `anthropic_version: Invalid version ${version}`);
  for (const [name, value] of Object.entries({ model, stream }))
    if (value !== undefined) throw malformed(`#: extraneous key [${name}] is not permitted`);
  try {
    const answer = messages({ ...request, body: rest }, chunkFraming);
    const { inputTokens, outputTokens } = answer;
    const headers = countHeaders(inputTokens, outputTokens);
    return { ...answer, content: withMetrics(answer.content, inputTokens, outputTokens), headers };
  } catch (error) {
    if (error instanceof AnthropicError) throw new BedrockError(error.status, error.message);
    throw error;
  }
}

/** In a stream, Bedrock adds its own counts to the last event. */
function withMetrics(
  content: Answer['content'],
  inputTokenCount: number,
  outputTokenCount: number,
): Answer['content'] {
  if (content.kind !== 'stream') return content;
  const metrics = { inputTokenCount, outputTokenCount, invocationLatency: 5, firstByteLatency: 2 };
  const last = { type: 'message_stop', 'amazon-bedrock-invocationMetrics': metrics };
  return { ...content, events: [...content.events.slice(0, -1), { data: JSON.stringify(last), tokens: 0 }] };
}

function malformed(detail: string): BedrockError {
  return new BedrockError(
    400,
    `Malformed input request: ${detail}, please reformat your input and try again.`,
  );
}

function countHeaders(input: number, output: number): Record<string, string> {
  return {
    'x-amzn-bedrock-input-token-count': String(input),
    'x-amzn-bedrock-output-token-count': String(output),
    'x-amzn-bedrock-invocation-latency': '5',
  };
}

function jsonAnswer(inputTokens: number, value: unknown): Answer {
  return {
    inputTokens,
    outputTokens: 0,
    content: { kind: 'json', body: JSON.stringify(value) },
    headers: countHeaders(inputTokens, 0),
  };
}

const usualDimensions = 1024;

function titanEmbedding({ dimensions }: JsonObject, text: string): Answer {
  const embedding = Array.from(embedText(text, Number(dimensions ?? usualDimensions)));
  const inputTextTokenCount = countTokens(text);
  return jsonAnswer(inputTextTokenCount, {
    embedding,
    embeddingsByType: { float: embedding },
    inputTextTokenCount,
  });
}

function cohereEmbeddings(
  { input_type, output_dimension, embedding_types }: JsonObject,
  texts: string[],
): Answer {
  if (input_type === undefined) throw malformed('#: required key [input_type] not found');
  const vectors = texts.map((text) =>
    Array.from(embedText(text, Number(output_dimension ?? usualDimensions))),
  );
  const byType = Array.isArray(embedding_types);
  const tokens = texts.reduce((sum, text) => sum + countTokens(text), 0);
  return jsonAnswer(tokens, {
    id: 'sim-embedding',
    embeddings: byType ? { float: vectors } : vectors,
    response_type: byType ? 'embeddings_by_type' : 'embeddings_floats',
    texts,
  });
}

function rerank({ query, top_n }: JsonObject, documents: unknown[]): Answer {
  const texts = documents.map((document) => (isRecord(document) ? String(document.text) : String(document)));
  const results = rankTexts(String(query), texts).slice(0, Number(top_n ?? texts.length));
  return jsonAnswer(0, { results: results.map(({ index, score }) => ({ index, relevance_score: score })) });
}
