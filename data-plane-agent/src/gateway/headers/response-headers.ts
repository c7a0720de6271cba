/**
 * The provider's headers that a client gets, and the name under which it does, besides `content-type`, which the answer's
 * stage decides on. `openai-organization`, `set-cookie`, `server`, `alt-svc`, `strict-transport-security`, tracing of the
 * provider's network and everything hop-by-hop stay here. `x-request-id` is the gateway's own, so the provider's is renamed.
 */
const FORWARDED: ReadonlyMap<string, string> = new Map([
  ['openai-model', 'openai-model'],
  ['openai-processing-ms', 'openai-processing-ms'],
  ['openai-version', 'openai-version'],
  ['retry-after', 'retry-after'],
  ['retry-after-ms', 'retry-after-ms'],
  ['x-request-id', 'x-bonito-provider-request-id'],
  // Anthropic's, AWS's, Azure's and Cohere's names for the same.
  ['request-id', 'x-bonito-provider-request-id'],
  ['x-amzn-requestid', 'x-bonito-provider-request-id'],
  ['apim-request-id', 'x-bonito-provider-request-id'],
  ['x-amzn-errortype', 'x-amzn-errortype'],
  ['x-amzn-bedrock-input-token-count', 'x-amzn-bedrock-input-token-count'],
  ['x-amzn-bedrock-output-token-count', 'x-amzn-bedrock-output-token-count'],
  ['x-amzn-bedrock-invocation-latency', 'x-amzn-bedrock-invocation-latency'],
]);

const RATE_LIMIT_PREFIXES = ['x-ratelimit-', 'anthropic-ratelimit-'] as const;

/** Headers as undici parses them, names in lower case. */
type ParsedHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Picks the headers of a provider's answer that go on to the client.
 *
 * @returns a flat list, name, value, name, value
 */
export function responseHeaders(headers: ParsedHeaders): string[] {
  const kept: string[] = [];
  addResponseHeaders(kept, headers);
  return kept;
}

/** The same, added to a list that is there. */
export function addResponseHeaders(kept: string[], headers: ParsedHeaders): void {
  for (const name in headers) {
    const target = FORWARDED.get(name) ?? (isRateLimit(name) ? name : undefined);
    if (target === undefined) continue;
    const value = headers[name];
    if (typeof value === 'string') kept.push(target, value);
    else if (value !== undefined) for (const one of value) kept.push(target, one);
  }
}

function isRateLimit(name: string): boolean {
  return name.startsWith(RATE_LIMIT_PREFIXES[0]) || name.startsWith(RATE_LIMIT_PREFIXES[1]);
}
