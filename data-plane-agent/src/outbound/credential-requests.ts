import { hash } from 'node:crypto';
import type { Dispatcher } from 'undici';
import type { ChooseProxy } from './choose-proxy.ts';
import { createDispatcher, type Reach } from './create-dispatcher.ts';
import type { Trust } from './trust.ts';

/** One request to a service that gives credentials. */
export interface CredentialRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /**
   * `machine`: a service of the machine itself (instance metadata, a container's agent), asked directly and never by a
   * proxy, which would answer with its own identity. `network`: any other, never at a metadata address.
   */
  readonly place: 'machine' | 'network';
  /** A provider's own proxy (or `direct`) and authorities. */
  readonly proxy?: string | undefined;
  readonly ca?: string | undefined;
}

export interface CredentialAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** @throws CredentialRequestError when there is no whole answer. Its text says nothing of what was sent. */
export type SendCredentialRequest = (request: CredentialRequest) => Promise<CredentialAnswer>;

/** No whole answer came. */
export class CredentialRequestError extends Error {
  override readonly name = 'CredentialRequestError';
  readonly code: 'unreachable' | 'too_large';

  constructor(code: 'unreachable' | 'too_large') {
    super(code === 'unreachable' ? 'the credential service did not answer' : 'the answer is too large');
    this.code = code;
  }
}

/** Connections to services that give credentials. */
export interface CredentialRequests {
  readonly send: SendCredentialRequest;
  close(): Promise<void>;
}

export interface CredentialRequestsOptions {
  chooseProxy: ChooseProxy;
  trust: Trust;
  create?: (reach: Reach) => Dispatcher;
}

const BODY_LIMIT = 256 * 1024;
const NETWORK_MS = { connect: 5_000, total: 10_000 };
/** A metadata service answers at once or, outside of its cloud, never. */
const MACHINE_MS = { connect: 1_000, total: 5_000 };
/** A connection that breaks or a server that stumbles is asked once more; what is beyond that is the caller's. */
const TRIES = 2;
const CONNECTIONS = 4;
const POOL_LIMIT = 256;

/** Small pools, one for each service and way to it. No redirect is followed. */
export function createCredentialRequests(options: CredentialRequestsOptions): CredentialRequests {
  const create = options.create ?? createDispatcher;
  const pools = new Map<string, Dispatcher>();

  const poolOf = (origin: string, { place, proxy, ca }: CredentialRequest): Dispatcher => {
    const name = JSON.stringify([origin, place, proxy, ca && hash('sha256', ca)]);
    const known = pools.get(name);
    if (known) return known;
    const machine = place === 'machine';
    const made = create({
      origin,
      proxy: machine ? undefined : options.chooseProxy(new URL(origin), proxy),
      secureContext: options.trust.context(ca),
      connections: CONNECTIONS,
      connectMs: (machine ? MACHINE_MS : NETWORK_MS).connect,
      refuseMetadata: !machine,
    });
    for (const [oldest, pool] of pools) {
      if (pools.size < POOL_LIMIT) break;
      pools.delete(oldest);
      pool.close().catch(() => undefined);
    }
    pools.set(name, made);
    return made;
  };

  const sendOnce = async (request: CredentialRequest): Promise<CredentialAnswer> => {
    const url = new URL(request.url);
    const limit = request.place === 'machine' ? MACHINE_MS : NETWORK_MS;
    const answer = await poolOf(url.origin, request).request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: { ...request.headers },
      body: request.body ?? null,
      signal: AbortSignal.timeout(limit.total),
    });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
      size += piece.length;
      // Leaving the loop destroys the body, and with it the connection.
      if (size > BODY_LIMIT) throw new CredentialRequestError('too_large');
      pieces.push(piece);
    }
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: Buffer.concat(pieces).toString('utf8'),
    };
  };

  return {
    async send(request) {
      for (let tries = 1; ; tries++) {
        try {
          const answer = await sendOnce(request);
          if (answer.status < 500 || tries >= TRIES) return answer;
        } catch (error) {
          if (error instanceof CredentialRequestError) throw error;
          if (tries >= TRIES) throw new CredentialRequestError('unreachable');
        }
      }
    },
    async close() {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map((pool) => pool.destroy().catch(() => undefined)));
    },
  };
}
