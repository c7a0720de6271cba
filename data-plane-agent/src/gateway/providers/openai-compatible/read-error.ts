import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ErrorAnswer } from '../provider-kind.ts';

/** More of an error's body is not read: its code stands at the front. */
const MOST_BYTES = 65_536;
/** Nor is more of its sentence. */
const MOST_LETTERS = 2_000;

/** Codes and types that say more than the status; OpenAI's, Azure's, and those of servers like them. */
const BY_CODE: Readonly<Record<string, ProviderErrorKind>> = {
  insufficient_quota: 'quota_exhausted',
  billing_hard_limit_reached: 'quota_exhausted',
  billing_not_active: 'quota_exhausted',
  insufficient_balance: 'quota_exhausted',
  quota_exceeded: 'quota_exhausted',
  context_length_exceeded: 'context_too_long',
  string_above_max_length: 'request_too_large',
  request_too_large: 'request_too_large',
  tokens_exceeded: 'context_too_long',
  content_filter: 'content_filtered',
  content_policy_violation: 'content_filtered',
  responsibleaipolicyviolation: 'content_filtered',
  model_not_found: 'model_not_found',
  deploymentnotfound: 'model_not_found',
  overloaded_error: 'overloaded',
  engine_overloaded_error: 'overloaded',
  overloaded: 'overloaded',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  invalid_encrypted_content: 'state_rejected',
  invalid_api_key: 'unauthenticated',
  // llama.cpp, Mistral, Azure.
  exceed_context_size_error: 'context_too_long',
  invalid_model: 'model_not_found',
  modelnotfound: 'model_not_found',
  ratelimitreached: 'rate_limited',
};

const BY_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'unauthenticated',
  402: 'quota_exhausted',
  403: 'permission_denied',
  404: 'model_not_found',
  408: 'timeout',
  409: 'provider_error',
  413: 'request_too_large',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'timeout',
  // Cloudflare's and Anthropic's "overloaded".
  529: 'overloaded',
};

/** Sentences of servers that give no code for it, each with what it is about. */
const BY_SENTENCE: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  // vLLM, DeepSeek, Mistral, xAI, Fireworks, llama.cpp, Ollama.
  [
    /maximum (?:context|prompt) length|context (?:length|size|window)[^.]{0,60}exceed|exceed[^.]{0,60}context (?:length|size|window)|prompt is too long|too many tokens/i,
    'context_too_long',
  ],
  // DeepSeek; OpenAI's images; servers that pass on an upstream's words.
  [/content exists risk|content management policy|rejected[^.]{0,40}safety system/i, 'content_filtered'],
  [/invalid .{0,3}signature|thought.?signature|encrypted content/i, 'state_rejected'],
];

/** How sentences name what was sent and what fits. The groups are called after `ProviderError.tokens`. */
const FIGURES: readonly RegExp[] = [
  /maximum (?:context|prompt) length (?:is|of) (?<limit>\d+)(?: tokens)?[\s\S]*?(?:requested|resulted in|contains) (?:at least )?(?<sent>\d+)/i,
  /(?:contains|too long:|request \() ?(?<sent>\d+)[\s\S]*?(?:maximum context length|context size)[^\d]{0,12}(?<limit>\d+)/i,
];

/** Azure's and OpenAI's sentences about waiting. */
const WAIT = /(?:retry after|try again in) (\d+(?:\.\d+)?) ?s/i;

/** Reads an error answer. The body's code decides before the status does: a 429 may mean "slower" or "out of money". */
export function readError(answer: ErrorAnswer): ProviderError {
  const body = parse(answer.body);
  // vLLM's older form has no `error` around it; some answer with a list of one.
  const document = Array.isArray(body) ? body[0] : body;
  const error = isObject(document) ? (document.error ?? document.detail ?? document) : document;
  return readErrorObject(error, answer.status);
}

/**
 * Reads the error object itself, as it also comes inside a stream.
 *
 * @param status the answer's; where there is none, servers put it into the object's `code`
 */
export function readErrorObject(value: unknown, status?: number): ProviderError {
  const error = isObject(value) ? value : {};
  const inner = isObject(error.innererror) ? error.innererror.code : undefined;
  const names = [inner, error.code, error.type].filter((name) => typeof name === 'string');
  const message = messageOf(value, error.message);
  const code = typeof error.code === 'string' ? error.code : names[0];
  const named = names.map((name) => name.toLowerCase()).find((name) => Object.hasOwn(BY_CODE, name));
  const known = named === undefined ? undefined : BY_CODE[named];
  const answered = status ?? Number(error.code);
  // Groq answers 413 with a rate limit's code for a request that is larger than the limit: waiting does not help.
  const kind =
    known === undefined || (known === 'rate_limited' && answered === 413) ? kindOf(answered, message) : known;
  const sentence = message.slice(0, MOST_LETTERS);
  const tokens = kind === 'context_too_long' ? figuresOf(error, sentence) : undefined;
  const wait = kind === 'rate_limited' ? WAIT.exec(sentence)?.[1] : undefined;
  return {
    kind,
    message,
    code,
    param: typeof error.param === 'string' ? error.param : undefined,
    ...(wait !== undefined && { retryAfterSeconds: Number(wait) }),
    ...(tokens && { tokens }),
  };
}

/** llama.cpp has members for the figures; others only say them. */
function figuresOf(error: JsonObject, message: string): ProviderError['tokens'] {
  const { n_prompt_tokens: sent, n_ctx: limit } = error;
  if (typeof sent === 'number' && typeof limit === 'number') return { sent, limit };
  for (const pattern of FIGURES) {
    const groups = pattern.exec(message)?.groups;
    if (groups) return { sent: Number(groups.sent), limit: Number(groups.limit) };
  }
  return undefined;
}

function kindOf(status: number, message: string): ProviderErrorKind {
  if (status === 400 || status === 422 || status === 500) {
    const sentence = message.slice(0, MOST_LETTERS);
    for (const [pattern, kind] of BY_SENTENCE) if (pattern.test(sentence)) return kind;
  }
  const known = BY_STATUS[status];
  if (known) return known;
  return status >= 400 && status < 500 ? 'invalid_request' : 'provider_error';
}

function messageOf(value: unknown, message: unknown): string {
  if (typeof message === 'string' && message !== '') return message;
  if (typeof value === 'string' && value !== '') return value;
  return 'The provider gave no reason.';
}

function parse(body: Buffer): unknown {
  if (body.length > MOST_BYTES) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
