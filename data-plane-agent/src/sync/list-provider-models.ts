import { modelNameSchema } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import { isObject, type JsonObject } from '../gateway/chat/wire.ts';
import type { Clock, CredentialSource, UpstreamConnections } from '../gateway/ports.ts';
import type { Credential } from '../gateway/providers/provider-kind.ts';
import { providerKind } from '../gateway/providers/provider-kinds.ts';
import type { CompiledProvider, CompiledTarget } from '../gateway/snapshot/snapshot.ts';
import { answeredWith, credentialFailure, type ListFailure } from './list-failure.ts';
import { type ModelList, modelLists } from './model-lists.ts';
import type { Timers } from './timers.ts';

/** What a provider's model list came to. */
export type ProviderModels = { models: string[] } | { failure: ListFailure };

/** What a list is asked for with. */
export interface ListSurroundings {
  credentials: CredentialSource & {
    verify(provider: CompiledProvider['config']): Promise<ReturnType<CredentialSource['problem']>>;
  };
  connections: UpstreamConnections;
  clock: Clock;
  timers: Timers;
  signal: AbortSignal;
}

const MILLISECONDS = 15_000;
const LIMIT = 8 * 1024 * 1024;
const MOST_MODELS = 5_000;
const MOST_PAGES = 20;
const NO_BODY = Buffer.alloc(0);

/**
 * Asks a provider for its models with the credential that requests would be sent with. Names that could not be a model's
 * name here are left out. Never throws; nothing that the provider wrote but model names is passed on.
 */
export async function listProviderModels(
  provider: CompiledProvider,
  outside: ListSurroundings,
): Promise<ProviderModels> {
  const lists = modelLists(provider);
  const kind = providerKind(provider.config.kind);
  if (!lists || !kind) return { failure: { error_code: 'provider_error', reason: 'model_list_refused' } };
  const late = new AbortController();
  const cancel = outside.timers.after(MILLISECONDS, () => late.abort());
  const signal = AbortSignal.any([late.signal, outside.signal]);
  const found = new Set<string>();
  try {
    const problem = await outside.credentials.verify(provider.config);
    if (problem !== undefined) return { failure: credentialFailure(problem, provider.config.credential) };
    const credential = await outside.credentials.read(provider.config);
    if (credential === undefined)
      return {
        failure: credentialFailure(outside.credentials.problem(provider.config), provider.config.credential),
      };
    for (const list of lists) {
      const reading = readList(provider, list, { kind, credential, signal, found, outside });
      if (list.optional) await reading.catch(() => undefined);
      else {
        const failure = await reading;
        if (failure) return { failure };
      }
      if (list.enough && found.size > 0) break;
    }
    return { models: [...found].slice(0, MOST_MODELS) };
  } catch (error) {
    return error instanceof SyntaxError
      ? { failure: { error_code: 'provider_error', reason: 'malformed' } }
      : { failure: { error_code: 'provider_unreachable', reason: 'unreachable' } };
  } finally {
    cancel();
  }
}

interface Reading {
  kind: NonNullable<ReturnType<typeof providerKind>>;
  credential: Credential;
  signal: AbortSignal;
  found: Set<string>;
  outside: ListSurroundings;
}

/** Reads all pages of one list into `found`. @throws SyntaxError for an answer that is no list, and what the network throws */
async function readList(
  provider: CompiledProvider,
  list: ModelList,
  { kind, credential, signal, found, outside }: Reading,
): Promise<ListFailure | undefined> {
  // Models may be listed at another host, which needs connections of its own.
  const host = list.origin === undefined ? provider : { ...provider, origin: list.origin };
  let page: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const call = {
      method: 'GET',
      origin: host.origin,
      path: list.path(page),
      headers: ['accept', 'application/json', ...(list.headers ?? [])],
      body: NO_BODY,
    } as const;
    const proof = kind.authorize(call, credential, targetOf(host), outside.clock.now());
    const { statusCode, headers, body } = await outside.connections.dispatcher(host).request({
      origin: call.origin,
      path: call.path,
      method: call.method,
      headers: [...call.headers, ...proof],
      signal,
    });
    const bytes = await readUpTo(body);
    if (statusCode === 401 || statusCode === 403)
      outside.credentials.refused(provider.config, statusCode, headers);
    if (statusCode !== 200 || !bytes) return answeredWith({ statusCode, headers, bytes }, list.permission);
    const answer: unknown = JSON.parse(bytes.toString());
    if (!isObject(answer)) throw new SyntaxError('the answer is not an object');
    for (const name of list.names(answer)) {
      const parsed = modelNameSchema.safeParse(name);
      if (parsed.success) found.add(parsed.data);
    }
    page = nextPage(list, answer);
    if (page === undefined || found.size >= MOST_MODELS) return undefined;
  }
  return undefined;
}

function nextPage(list: ModelList, answer: JsonObject): string | undefined {
  const next = list.next?.(answer);
  return typeof next === 'string' && next !== '' ? next : undefined;
}

/** What kinds of providers look at when they sign: the provider, and no deployment of it. */
function targetOf(provider: CompiledProvider): CompiledTarget {
  const { id } = provider.config;
  return {
    provider,
    unusable: undefined,
    deployment: {
      ...{ id, name: 'models', provider_id: id, upstream_model: 'models', family: 'other' },
      price: { revision: 'none', per_million: {} },
      restrictions: [],
    },
  };
}

/** Undefined when it is too large. */
async function readUpTo(body: Dispatcher.ResponseData['body']): Promise<Buffer | undefined> {
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
