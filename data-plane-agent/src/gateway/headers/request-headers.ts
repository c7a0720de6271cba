/**
 * The client's headers that a provider gets, besides those that the call itself sets (host, content type and length, the
 * credential, `accept-encoding`, user agent). Everything else stays here:
 *
 * - credentials, cookies, `forwarded`, `x-forwarded-*`, `via`, hop-by-hop headers and `connection`'s own list: never.
 * - `openai-organization`, `openai-project`: they choose whose account pays, which is the provider's configuration; SDKs
 *   send what is left over from the days before the gateway, and OpenAI refuses a pair that does not fit the credential.
 * - `idempotency-key`: applications share a provider's account, so one could get the answer of another.
 * - `user-agent`, `x-stainless-*`: they describe machines in the customer's network to someone outside.
 * - `baggage`: holds whatever the application's tracing puts there.
 */
const FORWARDED: ReadonlySet<string> = new Set([
  'accept',
  'openai-beta',
  'traceparent',
  'tracestate',
  'x-client-request-id',
]);

/** What goes along also where the client's wire is not the provider's: it says nothing about either. */
const TRACING: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'x-client-request-id']);

const LENGTHS: ReadonlySet<number> = new Set([...FORWARDED].map((name) => name.length));

/**
 * Picks the headers that go on to a provider of the client's own wire.
 *
 * @param rawHeaders node's flat list: name, value, name, value
 * @returns a flat list of the same form with names in lower case
 */
export function requestHeaders(rawHeaders: readonly string[]): string[] {
  return pick(rawHeaders, FORWARDED);
}

/** The same for a provider of another wire. */
export function traceHeaders(rawHeaders: readonly string[]): string[] {
  return pick(rawHeaders, TRACING);
}

function pick(rawHeaders: readonly string[], wanted: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? '';
    if (!LENGTHS.has(raw.length)) continue;
    const name = raw.toLowerCase();
    if (wanted.has(name)) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  return kept;
}
