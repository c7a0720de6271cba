import { type Extra, isObject, type JsonObject } from '../../chat/wire.ts';

/**
 * The log probabilities of a candidate in the form of OpenAI's chat, which surfaces know; undefined where there are none.
 *
 * @see https://ai.google.dev/api/generate-content#LogprobsResult
 */
export function readLogprobs({ logprobsResult: result }: JsonObject): Extra | undefined {
  if (!isObject(result) || !Array.isArray(result.chosenCandidates)) return undefined;
  const chosen: unknown[] = result.chosenCandidates;
  const top: unknown[] = Array.isArray(result.topCandidates) ? result.topCandidates : [];
  const content = chosen.filter(isObject).map((token, at) => {
    const others = top[at];
    const list: unknown[] = isObject(others) && Array.isArray(others.candidates) ? others.candidates : [];
    return { ...readToken(token), top_logprobs: list.filter(isObject).map(readToken) };
  });
  return content.length === 0
    ? undefined
    : { wire: 'openai-chat', fields: { logprobs: { content, refusal: null } } };
}

/** What is nothing is left out there: a token without letters, and the logarithm of certainty. */
function readToken({ token, logProbability }: JsonObject): JsonObject {
  const text = typeof token === 'string' ? token : '';
  const logprob = typeof logProbability === 'number' ? logProbability : 0;
  return { token: text, logprob, bytes: [...Buffer.from(text)] };
}
