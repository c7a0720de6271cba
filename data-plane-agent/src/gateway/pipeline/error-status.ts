import { isRecord, readJsonRecord } from '../metering/read-json-record.ts';

/** The status that a server wanted to give an error it could only send after a 200: some put it into `code`. */
export function errorStatus(error: unknown): number | undefined {
  const code = isRecord(error) ? Number(error.code) : Number.NaN;
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : undefined;
}

/**
 * Whether an answer with a good status is an error all the same, as OpenRouter and proxies send it.
 *
 * @param passes it is in the client's own wire: then a response of OpenAI's that failed is one that the client can read
 */
export function isErrorInside(body: Buffer, passes: boolean): boolean {
  // Most answers do not even have the word, and one with pictures is large.
  const answer = body.includes('"error"') ? readJsonRecord(body) : undefined;
  if (!answer || (passes && answer.object === 'response') || Array.isArray(answer.choices)) return false;
  const { error } = answer;
  return isRecord(error) || (typeof error === 'string' && error !== '');
}
