import type { Dispatcher } from 'undici';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';

/** What goes into one call besides the target. */
export interface CallInput {
  /** Below the provider's base URL, `/chat/completions`. */
  readonly upstreamPath: string;
  /** The client's headers that a provider may see: names and values by turns. */
  readonly clientHeaders: readonly string[];
  readonly body: Buffer;
  /** The provider's credential; empty for none. */
  readonly credential: string;
}

/**
 * The call to an OpenAI-compatible server, in undici's terms. No `accept-encoding`: answers are passed on as they come, and
 * their usage has to be read. Time limits are the gateway's own, so undici's are off.
 */
export function callOptions(target: CompiledTarget, input: CallInput): Dispatcher.DispatchOptions {
  const { provider } = target;
  const headers = [...input.clientHeaders, 'content-type', 'application/json'];
  if (input.credential !== '') {
    const name = provider.config.credential_header ?? 'authorization';
    headers.push(name, name === 'authorization' ? `Bearer ${input.credential}` : input.credential);
  }
  return {
    origin: provider.origin,
    path: provider.basePath + input.upstreamPath,
    method: 'POST',
    headers,
    body: input.body,
    headersTimeout: 0,
    bodyTimeout: 0,
  };
}
