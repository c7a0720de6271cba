import { type CommandAnswer, modelNameSchema } from '@bonito/protocol';
import { z } from 'zod';
import type { SecretSource, UpstreamConnections } from '../gateway/ports.ts';
import type { CompiledProvider } from '../gateway/snapshot/snapshot.ts';
import type { Timers } from './timers.ts';

/** What a provider's model list came to. */
export type ProviderModels = { models: string[] } | { failure: NonNullable<CommandAnswer['error_code']> };

const MILLISECONDS = 15_000;
const LIMIT = 8 * 1024 * 1024;
const MOST_MODELS = 5_000;

/** `GET /v1/models`: https://platform.openai.com/docs/api-reference/models/list */
const listSchema = z.object({ data: z.array(z.object({ id: z.string() })) });

/**
 * Asks a provider for its models with the credential that requests would be sent with. Names that could not be a model's
 * name here are left out. Never throws; nothing that the provider wrote but model names is passed on.
 */
export async function listProviderModels(
  provider: CompiledProvider,
  outside: { secrets: SecretSource; connections: UpstreamConnections; timers: Timers; signal: AbortSignal },
): Promise<ProviderModels> {
  const { credential, credential_header } = provider.config;
  const secret = outside.secrets.read(credential);
  if (secret === undefined) return { failure: 'credential_unavailable' };
  const header = credential_header ?? 'authorization';
  const value = header === 'authorization' ? `Bearer ${secret}` : secret;
  const late = new AbortController();
  const cancel = outside.timers.after(MILLISECONDS, () => late.abort());
  try {
    const response = await outside.connections.dispatcher(provider).request({
      origin: provider.origin,
      path: `${provider.basePath}/models`,
      method: 'GET',
      headers: { accept: 'application/json', ...(secret && { [header]: value }) },
      signal: AbortSignal.any([late.signal, outside.signal]),
    });
    const body = await readUpTo(response.body);
    if (response.statusCode === 401 || response.statusCode === 403) {
      outside.secrets.refused(credential);
      return { failure: 'authentication_failed' };
    }
    if (response.statusCode !== 200 || !body) return { failure: 'provider_error' };
    return { models: readNames(body) };
  } catch (error) {
    const malformed = error instanceof SyntaxError || error instanceof z.ZodError;
    return { failure: malformed ? 'provider_error' : 'provider_unreachable' };
  } finally {
    cancel();
  }
}

function readNames(body: Buffer): string[] {
  const names = listSchema.parse(JSON.parse(body.toString())).data.map((model) => model.id);
  return [...new Set(names)].filter((name) => modelNameSchema.safeParse(name).success).slice(0, MOST_MODELS);
}

/** Undefined when it is too large. */
async function readUpTo(
  body: AsyncIterable<Uint8Array> & { destroy(): unknown },
): Promise<Buffer | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > LIMIT) {
      body.destroy();
      return undefined;
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
