import { isObject, type JsonObject } from '../../chat/wire.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { readCohereUsage } from '../../metering/read-cohere-usage.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { OperationDialect } from '../provider-kind.ts';
import { coherePath } from './cohere-address.ts';
import { readError } from './read-error.ts';

const TAKEN = ['query', 'top_n', 'max_tokens_per_doc', 'priority'];
/** Read here: the second version wants plain texts, and says of them only where they stood. */
const READ = new Set([...TAKEN, 'model', 'documents', 'return_documents']);

/**
 * Rerank by `POST /v2/rerank`. Clients speak the first version too: with documents as objects, and back in the answer.
 * Members that the second version does not know are refused there.
 *
 * @see https://docs.cohere.com/reference/rerank
 */
export const cohereRerank: OperationDialect = {
  write: (body, target) => ({
    value: {
      model: target.deployment.upstream_model,
      ...Object.fromEntries(TAKEN.filter((name) => isGiven(body[name])).map((name) => [name, body[name]])),
      documents: readTexts(body),
    },
    dropped: Object.keys(body).filter((name) => !READ.has(name) && isGiven(body[name])),
    path: coherePath(target, '/rerank'),
  }),
  read(answer, body) {
    const { results } = answer;
    if (!Array.isArray(results)) throw new MalformedAnswerError('results');
    const usage = readCohereUsage(answer.meta);
    if (body.return_documents !== true) return { value: answer, usage };
    const texts = readTexts(body);
    return { value: { ...answer, results: results.map((result) => withDocument(result, texts)) }, usage };
  },
  readError,
};

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function readTexts({ documents }: JsonObject): readonly string[] {
  if (Array.isArray(documents)) return documents.map(readText);
  const code = documents === undefined ? 'missing_required_parameter' : 'invalid_type';
  throw new GatewayError(code, { param: 'documents' });
}

function readText(document: unknown, index: number): string {
  if (typeof document === 'string') return document;
  if (isObject(document) && typeof document.text === 'string') return document.text;
  throw new GatewayError('invalid_type', {
    param: `documents[${index}]`,
    detail: 'This model ranks texts: a string, or an object with a "text".',
  });
}

function withDocument(result: unknown, texts: readonly string[]): unknown {
  if (!isObject(result) || result.document !== undefined || typeof result.index !== 'number') return result;
  const text = texts[result.index];
  return text === undefined ? result : { ...result, document: { text } };
}
