import type { Authority } from '../credentials/authority.ts';
import { WindowExceededError } from '../model/model-refusals.ts';
import type { Framing } from '../serving/framing.ts';
import { bearerOf } from '../serving/read-bearer.ts';
import { sseFraming } from '../serving/sse-framing.ts';
import type { Arrival, Wire } from '../serving/wire.ts';
import { GoogleError, invalidKey, quotaDetails } from './google-error.ts';

const shared = {
  refuse: (status: number, message: string, retrySeconds?: number) =>
    status === 429
      ? new GoogleError(status, 'Resource has been exhausted (e.g. check quota).', quotaDetails(retrySeconds))
      : new GoogleError(status, message),
  refuseModel: (model: string) =>
    new GoogleError(
      404,
      `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
    ),
  refuseNoModel: () => new GoogleError(400, 'unexpected model name format'),
};

/** The Gemini API: a key in `x-goog-api-key`, or in `key=`. */
export const geminiWire: Wire = {
  ...shared,
  authorize({ request, url }, authority) {
    const key = request.headers['x-goog-api-key'] ?? url.searchParams.get('key');
    if (key === null) {
      if (bearerOf(request) !== undefined) return authorizeToken(request, authority);
      throw new GoogleError(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      );
    }
    if (!authority.isKey(key)) throw invalidKey();
  },
};

/** Vertex AI: a bearer token of the simulator's own token endpoint, the published key as a token, or an API key. */
export const vertexWire: Wire = {
  ...shared,
  authorize({ request, url }, authority) {
    const key = request.headers['x-goog-api-key'] ?? url.searchParams.get('key');
    if (key !== null && key !== undefined) {
      if (!authority.isKey(key)) throw invalidKey();
      return;
    }
    authorizeToken(request, authority);
  },
};

function authorizeToken(request: Arrival['request'], authority: Authority): void {
  const token = bearerOf(request);
  if (authority.isKey(token) || authority.tokens.stateOf('google', token) === 'valid') return;
  const reason = token === undefined ? 'CREDENTIALS_MISSING' : 'ACCESS_TOKEN_TYPE_UNSUPPORTED';
  const message =
    token === undefined
      ? 'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'
      : 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.';
  throw new GoogleError(401, message, [
    { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' },
  ]);
}

const midStream = (status = 503) =>
  new GoogleError(
    status,
    status === 503
      ? 'The model is overloaded. Please try again later.'
      : 'The simulator was asked to fail in mid-stream.',
  );

/** `alt=sse`. */
export const googleSseFraming: Framing = {
  ...sseFraming(midStream),
  frame: ({ data }) => `data: ${data}\r\n\r\n`,
  fail: (status) => `data: ${JSON.stringify(JSON.parse(midStream(status).body()))}\r\n\r\n`,
};

/** Without `alt=sse`: one JSON array that grows. */
export const googleArrayFraming: Framing = {
  contentType: 'application/json; charset=UTF-8',
  frame: ({ data }, index) => `${index === 0 ? '[' : ',\r\n'}${data}`,
  fail: (status, index) => `${index === 0 ? '[' : ',\r\n'}${midStream(status).body()}]`,
  end: ']',
};

/** Says "too long" as Gemini does. */
export function windowError<Result>(ask: () => Result): Result {
  try {
    return ask();
  } catch (error) {
    if (!(error instanceof WindowExceededError)) throw error;
    const { tokens, window } = error;
    throw new GoogleError(
      400,
      `The input token count (${tokens}) exceeds the maximum number of tokens allowed (${window}).`,
    );
  }
}
