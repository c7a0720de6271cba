import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { GatewayError } from '../../../errors/gateway-error.ts';
import { readInvocationHeaders } from '../../../metering/read-converse-usage.ts';
import { MalformedAnswerError } from '../../malformed-answer-error.ts';
import type { OperationDialect } from '../../provider-kind.ts';
import { modelPath } from '../model-path.ts';
import { readError } from '../read-error.ts';
import { readDocument, readNumber, readText, untaken } from './operation-input.ts';

const TAKEN = new Set(['model', 'query', 'documents', 'top_n', 'return_documents']);

/**
 * Rerank by InvokeModel, for Cohere's and Amazon's models: both take Cohere's form. The documents of the answer come from
 * the request.
 *
 * @returns undefined for a maker whose models do not rank
 */
export function rerankDialect(maker: string, model: string): OperationDialect | undefined {
  if (maker === 'cohere' || model.includes('cohere.rerank')) return COHERE;
  return maker === 'amazon' || maker === 'rerank' || model.includes('amazon.rerank') ? AMAZON : undefined;
}

function dialect(fixed: JsonObject): OperationDialect {
  return {
    write: (body, target) => ({
      value: {
        query: readText(body, 'query'),
        documents: readDocuments(body),
        ...(body.top_n !== undefined && { top_n: readNumber(body, 'top_n') }),
        ...fixed,
      },
      dropped: untaken(body, TAKEN),
      path: modelPath(target, 'invoke'),
    }),
    read(answer, body, headers) {
      if (!Array.isArray(answer.results)) throw new MalformedAnswerError('results');
      const documents = body.return_documents === true ? readDocuments(body) : undefined;
      return {
        value: {
          ...(typeof answer.id === 'string' && { id: answer.id }),
          results: answer.results.map((result, index) => writeResult(result, index, documents)),
        },
        usage: headers && readInvocationHeaders(headers),
      };
    },
    readError,
  };
}

const COHERE = dialect({ api_version: 2 });
const AMAZON = dialect({});

function readDocuments(body: JsonObject): string[] {
  const { documents } = body;
  if (Array.isArray(documents)) return documents.map(readDocument);
  const code = documents === undefined ? 'missing_required_parameter' : 'invalid_type';
  throw new GatewayError(code, { param: 'documents' });
}

function writeResult(value: unknown, position: number, documents: readonly string[] | undefined): JsonObject {
  if (!isObject(value) || typeof value.index !== 'number' || typeof value.relevance_score !== 'number') {
    throw new MalformedAnswerError(`results[${position}]`);
  }
  const { index, relevance_score } = value;
  return { index, relevance_score, ...(documents && { document: { text: documents[index] ?? '' } }) };
}
