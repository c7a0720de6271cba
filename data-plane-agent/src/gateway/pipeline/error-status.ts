import { isRecord, readJsonRecord } from '../metering/read-json-record.ts';

const BAD_GATEWAY = 502;

/** The status of an error that came after a 200: servers put the one that they could no longer send into its `code`. */
export function errorStatus(error: unknown): number {
  const code = isRecord(error) ? Number(error.code) : Number.NaN;
  return Number.isInteger(code) && code >= 400 && code <= 599 ? code : BAD_GATEWAY;
}

/**
 * The error in an answer with a good status that is one all the same, as OpenRouter and proxies send it. A stored response of
 * OpenAI's that failed has an error too, and is a response.
 */
export function errorInAnswer(body: Buffer): unknown {
  const answer = readJsonRecord(body);
  if (!answer || answer.object === 'response' || Array.isArray(answer.choices)) return undefined;
  const { error } = answer;
  return isRecord(error) || (typeof error === 'string' && error !== '') ? error : undefined;
}
