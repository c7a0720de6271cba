import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import type { ErrorAnswer } from '../provider-kind.ts';

const MOST_BYTES = 65_536;
const MOST_LETTERS = 2_000;

/** https://docs.cohere.com/reference/errors */
const BY_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'unauthenticated',
  402: 'quota_exhausted',
  403: 'permission_denied',
  404: 'model_not_found',
  408: 'timeout',
  413: 'request_too_large',
  429: 'rate_limited',
  /** A word on the deny list, in the request or the answer. */
  498: 'content_filtered',
  /** Cohere gave the request up. */
  499: 'timeout',
  503: 'overloaded',
  504: 'timeout',
};

/** Sentences that say more than the status. */
const BY_SENTENCE: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  [
    /too many tokens|tokens in the prompt cannot exceed|exceeds? the (?:maximum )?context/i,
    'context_too_long',
  ],
  [
    /trial key[^.]{0,80}\/ ?month|(?:per month|monthly) (?:usage |request )?limit|billing/i,
    'quota_exhausted',
  ],
  [/model '[^']{0,200}' (?:not found|was removed)/i, 'model_not_found'],
];

const FIGURES = /cannot exceed (?<limit>\d+)\D{1,40}(?<sent>\d+)/i;

/** Reads Cohere's `{"id", "message"}`. */
export function readError({ status, body }: ErrorAnswer): ProviderError {
  const value = body.length > MOST_BYTES ? undefined : readJsonRecord(body);
  const message = typeof value?.message === 'string' && value.message !== '' ? value.message : NO_REASON;
  return readSentence(message, status);
}

const NO_REASON = 'The provider gave no reason.';

/** @param status undefined inside of a stream */
export function readSentence(message: string, status?: number): ProviderError {
  const sentence = message.slice(0, MOST_LETTERS);
  const kind = kindOf(sentence, status);
  const figures = kind === 'context_too_long' ? FIGURES.exec(sentence)?.groups : undefined;
  return {
    kind,
    message,
    ...(figures && { tokens: { sent: Number(figures.sent), limit: Number(figures.limit) } }),
  };
}

function kindOf(sentence: string, status: number | undefined): ProviderErrorKind {
  for (const [pattern, kind] of BY_SENTENCE) if (pattern.test(sentence)) return kind;
  if (status === undefined) return 'provider_error';
  return BY_STATUS[status] ?? (status >= 400 && status < 500 ? 'invalid_request' : 'provider_error');
}
