import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import { isObject, type JsonObject } from '../../chat/wire.ts';
import type { ErrorAnswer } from '../provider-kind.ts';
import { parseErrorBody, readErrorBody } from './error-body.ts';
import { figuresOf, kindOfSentence, waitOf } from './error-sentences.ts';

/** Codes and types that say more than the status; OpenAI's, Azure's, and those of servers like them. */
const BY_CODE: Readonly<Record<string, ProviderErrorKind>> = {
  insufficient_quota: 'quota_exhausted',
  billing_hard_limit_reached: 'quota_exhausted',
  billing_not_active: 'quota_exhausted',
  credit_balance_exhausted: 'quota_exhausted',
  organization_spend_limit_exceeded: 'quota_exhausted',
  organization_usage_limit_exceeded: 'quota_exhausted',
  project_spend_limit_exceeded: 'quota_exhausted',
  insufficient_balance: 'quota_exhausted',
  quota_exceeded: 'quota_exhausted',
  context_length_exceeded: 'context_too_long',
  string_above_max_length: 'request_too_large',
  request_too_large: 'request_too_large',
  max_tokens_per_request: 'request_too_large',
  tokens_exceeded: 'context_too_long',
  content_filter: 'content_filtered',
  content_policy_violation: 'content_filtered',
  moderation_blocked: 'content_filtered',
  responsibleaipolicyviolation: 'content_filtered',
  model_not_found: 'model_not_found',
  deploymentnotfound: 'model_not_found',
  operationnotsupported: 'model_not_found',
  contentfilter: 'content_filtered',
  nocapacity: 'overloaded',
  // Under a 401, of a credential that is good.
  permissiondenied: 'permission_denied',
  overloaded_error: 'overloaded',
  engine_overloaded_error: 'overloaded',
  overloaded: 'overloaded',
  // The Responses API, in its events.
  server_is_overloaded: 'overloaded',
  vector_store_timeout: 'timeout',
  invalid_prompt: 'content_filtered',
  bio_policy: 'content_filtered',
  cyber_policy: 'content_filtered',
  misalignment_policy_violation: 'content_filtered',
  image_content_policy_violation: 'content_filtered',
  rate_limit_exceeded: 'rate_limited',
  rate_limit_error: 'rate_limited',
  too_many_requests: 'rate_limited',
  invalid_encrypted_content: 'state_rejected',
  previous_response_not_found: 'state_rejected',
  invalid_api_key: 'unauthenticated',
  // Moonshot.
  exceeded_current_quota_error: 'quota_exhausted',
  rate_limit_reached_error: 'rate_limited',
  // Alibaba.
  arrearage: 'quota_exhausted',
  data_inspection_failed: 'content_filtered',
  // Mistral.
  rate_limited: 'rate_limited',
  service_tier_capacity_exceeded: 'overloaded',
  // Hugging Face.
  model_not_supported: 'model_not_found',
  // llama.cpp, Mistral, Azure.
  exceed_context_size_error: 'context_too_long',
  invalid_model: 'model_not_found',
  modelnotfound: 'model_not_found',
  ratelimitreached: 'rate_limited',
  // GitHub Models.
  tokens_limit_reached: 'context_too_long',
  unknown_model: 'model_not_found',
  unavailable_model: 'model_not_found',
  // Groq.
  model_decommissioned: 'model_not_found',
  // Cerebras.
  token_quota_exceeded: 'rate_limited',
  request_quota_exceeded: 'rate_limited',
  too_many_tokens_error: 'rate_limited',
  too_many_requests_error: 'rate_limited',
  queue_exceeded: 'overloaded',
  // OpenAI asks for that where traffic grew too fast.
  slow_down: 'overloaded',
  unsupported_country_region_territory: 'permission_denied',
  // Claude behind a server that passes on what it was given.
  authentication_error: 'unauthenticated',
  permission_error: 'permission_denied',
  not_found_error: 'model_not_found',
  // Google's.
  resource_exhausted: 'rate_limited',
  unauthenticated: 'unauthenticated',
  permission_denied: 'permission_denied',
  unavailable: 'overloaded',
  deadline_exceeded: 'timeout',
};

/** What the Responses API says of pictures that it cannot read. */
const OF_A_PICTURE =
  /^(?:invalid_(?:base64_)?image|image_|unsupported_image|empty_image|failed_to_download_image)/;

const BY_STATUS: Readonly<Record<number, ProviderErrorKind>> = {
  401: 'unauthenticated',
  402: 'quota_exhausted',
  403: 'permission_denied',
  404: 'model_not_found',
  408: 'timeout',
  409: 'provider_error',
  413: 'request_too_large',
  429: 'rate_limited',
  // Groq: no capacity for a flexible request.
  498: 'overloaded',
  503: 'overloaded',
  504: 'timeout',
  // Cloudflare's and Anthropic's "overloaded".
  529: 'overloaded',
};

/** Statuses under which servers hide what only their sentence says; none where an error came inside a stream. */
const VAGUE: ReadonlySet<number | undefined> = new Set([400, 403, 404, 413, 422, 500, undefined]);

/** Under these a sentence may still say that there is no money, or no room, which time alone does or does not help. */
const REFUSED: ReadonlySet<number | undefined> = new Set([412, 429]);
const SAID_THERE: ReadonlySet<ProviderErrorKind> = new Set<ProviderErrorKind>([
  'quota_exhausted',
  'overloaded',
]);

/** Reads an error answer. The body's code decides before the status does: a 429 may mean "slower" or "out of money". */
export function readError(answer: ErrorAnswer): ProviderError {
  return readErrorObject(parseErrorBody(answer.body), answer.status);
}

/**
 * Reads the error object itself, as it also comes inside a stream.
 *
 * @param status the answer's; where there is none, servers put it into the object's `code`
 */
export function readErrorObject(value: unknown, status?: number): ProviderError {
  const { members, names, status: named, message = NO_REASON, param } = readErrorBody(value);
  const answered = status ?? named ?? (names.includes('invalid_request_error') ? 400 : undefined);
  const kind = kindByName(names, answered) ?? kindByStatus(answered, message, names);
  const tokens = kind === 'context_too_long' ? figuresOf(members, message) : undefined;
  const wait = kind === 'rate_limited' ? (retryDelayOf(members) ?? waitOf(message)) : undefined;
  return {
    kind,
    message,
    code: typeof members.code === 'string' ? members.code : names[0],
    param,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    ...(tokens && { tokens }),
  };
}

const NO_REASON = 'The provider gave no reason.';

function kindByName(names: readonly string[], status: number | undefined): ProviderErrorKind | undefined {
  for (const name of names) {
    const key = name.toLowerCase();
    const kind = Object.hasOwn(BY_CODE, key) ? BY_CODE[key] : undefined;
    // Groq answers 413 with a rate limit's code for a request that is larger than the limit: waiting does not help.
    if (kind !== undefined && !(kind === 'rate_limited' && status === 413)) return kind;
  }
  return undefined;
}

function kindByStatus(
  status: number | undefined,
  message: string,
  names: readonly string[],
): ProviderErrorKind {
  const said = kindOfSentence(message);
  if (said && (VAGUE.has(status) || (REFUSED.has(status) && SAID_THERE.has(said)))) return said;
  if (status === undefined && names.some((name) => OF_A_PICTURE.test(name))) return 'invalid_request';
  const known = status === undefined ? undefined : BY_STATUS[status];
  if (known) return known;
  return status !== undefined && status >= 400 && status < 500 ? 'invalid_request' : 'provider_error';
}

/** Seconds to wait from Google's `RetryInfo`, which its OpenAI-compatible endpoint sends too. */
function retryDelayOf({ details }: JsonObject): number | undefined {
  if (!Array.isArray(details)) return undefined;
  for (const detail of details) {
    const delay = isObject(detail) ? detail.retryDelay : undefined;
    const seconds = typeof delay === 'string' ? Number.parseFloat(delay) : Number.NaN;
    if (Number.isFinite(seconds)) return seconds;
  }
  return undefined;
}
