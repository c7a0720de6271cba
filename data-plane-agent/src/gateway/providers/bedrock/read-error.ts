import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import { isObject } from '../../chat/wire.ts';
import { STATE_REFUSED } from '../anthropic-compatible/read-error.ts';
import type { ErrorAnswer } from '../provider-kind.ts';

/** Exceptions by name, lower case: of HTTP answers and of streams, which spell their first letter small. */
const BY_CODE: Readonly<Record<string, ProviderErrorKind>> = {
  accessdeniedexception: 'permission_denied',
  expiredtokenexception: 'unauthenticated',
  incompletesignature: 'unauthenticated',
  incompletesignatureexception: 'unauthenticated',
  internalfailure: 'provider_error',
  internalserverexception: 'provider_error',
  invalidclienttokenid: 'unauthenticated',
  invalidsignatureexception: 'unauthenticated',
  missingauthenticationtoken: 'unauthenticated',
  missingauthenticationtokenexception: 'unauthenticated',
  modelerrorexception: 'provider_error',
  modelnotreadyexception: 'overloaded',
  modelstreamerrorexception: 'provider_error',
  modeltimeoutexception: 'timeout',
  notauthorized: 'permission_denied',
  optinrequired: 'permission_denied',
  requestentitytoolargeexception: 'request_too_large',
  requestexpired: 'unauthenticated',
  requesttimetooskewed: 'unauthenticated',
  resourcenotfoundexception: 'model_not_found',
  servicequotaexceededexception: 'quota_exhausted',
  serviceunavailable: 'overloaded',
  serviceunavailableexception: 'overloaded',
  throttlingexception: 'rate_limited',
  toomanyrequestsexception: 'rate_limited',
  unrecognizedclientexception: 'unauthenticated',
  unknownoperationexception: 'invalid_request',
  validationerror: 'invalid_request',
  validationexception: 'invalid_request',
};

const BY_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  400: 'invalid_request',
  401: 'unauthenticated',
  403: 'permission_denied',
  404: 'model_not_found',
  408: 'timeout',
  413: 'request_too_large',
  424: 'provider_error',
  429: 'rate_limited',
  503: 'overloaded',
  504: 'timeout',
  529: 'overloaded',
};

/**
 * What a refused request is about, by its sentence: Bedrock has one exception for nearly all of it, and hands on the words
 * of the models. The first that fits decides.
 */
const BY_WORDS: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [/input is too long|prompt is too long|input tokens exceeded|exceed context limit/i, 'context_too_long'],
  [
    /too many (?:input|total|text)? ?tokens|maximum context length|context (?:window|length)/i,
    'context_too_long',
  ],
  [/expected maxLength: \d+, actual: \d+|input is too large/i, 'context_too_long'],
  [STATE_REFUSED, 'state_rejected'],
  // OpenAI's.
  [/encrypted content.{0,100}could not be (?:verified|decrypted)/i, 'state_rejected'],
  [/content filter|blocked by (?:our|the) |content policy|responsible ai/i, 'content_filtered'],
  [/^operation not allowed|access to this model is not available/i, 'permission_denied'],
  [
    /model identifier is invalid|on-demand throughput|model.{0,80}(?:not exist|not found)|end of its life/i,
    'model_not_found',
  ],
];

/** The two figures of a window that was passed, in the spellings of the models. */
const TOKENS: readonly RegExp[] = [
  /(?<sent>\d+) tokens > (?<limit>\d+) maximum/,
  /prompt contains (?<sent>\d+) tokens.{0,80}? (?<limit>\d+) maximum context length/i,
  /max input tokens: (?<limit>\d+), request input token count: (?<sent>\d+)/i,
  /maximum context length is (?<limit>\d+) tokens.{0,80}?(?:requested|resulted in) (?<sent>\d+)/is,
];
/** Claude's words for a prompt that fits, though not with the answer that was asked for. */
const WITH_ANSWER = /(?<prompt>\d+) \+ (?<answer>\d+) > (?<limit>\d+)/;

/**
 * Reads an error answer of Bedrock's runtime.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
 */
export function readError({ status, headers, body }: ErrorAnswer): ProviderError {
  const parsed = parse(body);
  const code = readCode(headers['x-amzn-errortype'], parsed);
  return describeError(code, parsed, status);
}

/**
 * Reads an exception inside of a stream.
 *
 * @param name its `:exception-type`, or the `:error-code` of an error that is not modelled
 */
export function readException(name: string | undefined, payload: Buffer): ProviderError {
  const parsed = parse(payload);
  return describeError(name ?? readCode(undefined, parsed), parsed, undefined);
}

function parse(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.slice(0, 2_000) };
  }
}

/** `ValidationException:http://internal.amazon.com/…` in the header, `com.amazon.coral#ValidationException` in the body. */
function readCode(header: string | string[] | undefined, body: unknown): string | undefined {
  const inside = isObject(body) && isObject(body.Output) ? body.Output : body;
  const inBody = isObject(inside) ? (inside.__type ?? inside.code) : undefined;
  const name = Array.isArray(header) ? header[0] : (header ?? inBody);
  if (typeof name !== 'string' || name === '') return undefined;
  return name.split(':')[0]?.split('#').at(-1);
}

function describeError(code: string | undefined, body: unknown, status: number | undefined): ProviderError {
  // An operation that is not there is refused without words.
  const message = unwrapMessage(readMessage(body)) || (code ?? '');
  const kind = refine(kindOf(code, status), message, body);
  return {
    kind,
    message,
    code,
    ...(kind === 'context_too_long' && { tokens: readTokens(message) }),
    ...(kind === 'unauthenticated' && isUntimely(code, message) && { retryable: true }),
  };
}

/** The clocks do not agree: the credential's holder learns the time from the answer, and the next signature is good. */
function isUntimely(code: string | undefined, message: string): boolean {
  const late = code === 'RequestExpired' || code === 'RequestTimeTooSkewed';
  return late || /signature (?:expired|not yet current)/i.test(message);
}

function readMessage(body: unknown): string {
  if (!isObject(body)) return '';
  for (const value of [body.message, body.Message, body.originalMessage, body.detail]) {
    if (typeof value === 'string' && value !== '') return value;
  }
  // Bedrock's OpenAI-compatible endpoint, and what some models answer themselves.
  return isObject(body.error) && typeof body.error.message === 'string' ? body.error.message : '';
}

/** `The model returned the following errors: …`, where the model's own sentence may stand inside of JSON. */
function unwrapMessage(message: string): string {
  const start = message.indexOf('{"');
  if (start === -1) return message;
  try {
    const inner: unknown = JSON.parse(message.slice(start));
    const said = readMessage(inner);
    return said === '' ? message : said;
  } catch {
    return message;
  }
}

function kindOf(code: string | undefined, status: number | undefined): ProviderErrorKind {
  const known = code?.toLowerCase() ?? '';
  if (Object.hasOwn(BY_CODE, known)) return BY_CODE[known] ?? 'provider_error';
  return (
    BY_STATUS[status ?? 0] ?? (status !== undefined && status < 500 ? 'invalid_request' : 'provider_error')
  );
}

function refine(kind: ProviderErrorKind, message: string, body: unknown): ProviderErrorKind {
  // The account may not use the model yet.
  if (kind === 'model_not_found' && /use case details have not been submitted/i.test(message))
    return 'permission_denied';
  if (kind === 'rate_limited' && /tokens per day/i.test(message)) return 'quota_exhausted';
  // A Bedrock API key that is not good is refused as if a right were missing.
  if (kind === 'permission_denied' && /api key|authentication failed/i.test(message))
    return 'unauthenticated';
  if (kind === 'provider_error' && isObject(body)) return BY_STATUS[Number(body.originalStatusCode)] ?? kind;
  if (kind !== 'invalid_request') return kind;
  return BY_WORDS.find(([words]) => words.test(message))?.[1] ?? kind;
}

function readTokens(message: string): ProviderError['tokens'] {
  for (const pattern of TOKENS) {
    const found = pattern.exec(message)?.groups;
    if (found) return { sent: Number(found.sent), limit: Number(found.limit) };
  }
  const both = WITH_ANSWER.exec(message)?.groups;
  return both && { sent: Number(both.prompt) + Number(both.answer), limit: Number(both.limit) };
}
