import { maskCredential, PROTOCOL_HEADERS, PROTOCOL_VERSION } from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import type { Clock } from '../gateway/ports.ts';
import type { AgentTokens } from './agent-token.ts';
import { type ControlPlaneAnswer, flatten, readBody } from './control-plane-answer.ts';
import { ControlPlaneError } from './control-plane-error.ts';
import type { Outbox } from './sent-request.ts';
import type { Timers } from './timers.ts';

/** One call. */
export interface ControlPlaneCall {
  method: 'GET' | 'POST';
  /** Below the control plane's address, `/api/agent/config`. */
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array | undefined;
  /** Milliseconds for the whole call. */
  timeout: number;
  /** Largest answer, in bytes after decompression. */
  limit: number;
  /** Memory in which the answer is collected; a larger one takes its place when it is too small. */
  into?: Buffer;
  signal: AbortSignal;
}

/** What every call is made with. */
export interface ExchangeOptions {
  /** Address of the control plane; a path in it is kept. */
  address: string;
  /** Connections with the proxy, the authorities and the client certificate that the agent was given. */
  dispatcher: Dispatcher;
  tokens: AgentTokens;
  /** Id of this process. */
  instance: string;
  clock: Clock;
  timers: Timers;
  outbox: Outbox;
  /** Called for each answer with which the control plane accepted the token. */
  heard(): void;
}

/** One request and its answer, with the agent's token and the protocol's headers. */
export interface Exchange {
  /** Every status is an answer; throws `ControlPlaneError` when none came. */
  exchange(call: ControlPlaneCall): Promise<ControlPlaneAnswer>;
  /** Milliseconds that the control plane's clock is ahead of this one's; undefined before the first answer. */
  clockSkew(): number | undefined;
}

export function createExchange(options: ExchangeOptions): Exchange {
  const { clock, tokens } = options;
  const address = new URL(options.address);
  const prefix = address.pathname.replace(/\/+$/, '');
  let skew: number | undefined;

  /** Sends with the token in use, and once more with another one when that was refused and there is one. */
  async function exchange(request: ControlPlaneCall): Promise<ControlPlaneAnswer> {
    const token = tokens.current();
    const answer = await send(request, token);
    const other = answer.status === 401 ? await tokens.refused(token) : undefined;
    if (other === undefined) return accept(token, answer);
    const second = await send(request, other);
    if (second.status === 401) await tokens.refused(other);
    return accept(other, second);
  }

  async function accept(token: string, answer: ControlPlaneAnswer): Promise<ControlPlaneAnswer> {
    if (answer.status < 300 || answer.status === 304) {
      await tokens.accepted(token);
      options.heard();
    }
    return answer;
  }

  async function send(request: ControlPlaneCall, token: string): Promise<ControlPlaneAnswer> {
    const headers: Record<string, string> = {
      accept: '*/*',
      'accept-encoding': 'zstd, gzip',
      ...(request.body && { 'content-type': 'application/json' }),
      ...request.headers,
      authorization: `Bearer ${token}`,
      [PROTOCOL_HEADERS.version]: String(PROTOCOL_VERSION),
      [PROTOCOL_HEADERS.instance]: options.instance,
    };
    options.outbox.note({
      method: request.method,
      path: prefix + request.path,
      headers: { ...headers, authorization: `Bearer ${maskCredential(token)}` },
      body: request.body ?? null,
    });
    const what = `${request.method} ${request.path}`;
    const late = new AbortController();
    const cancel = options.timers.after(request.timeout, () => late.abort());
    const sentAt = clock.now();
    try {
      const response = await options.dispatcher.request({
        origin: address.origin,
        path: prefix + request.path,
        method: request.method,
        headers,
        body: request.body ?? null,
        headersTimeout: request.timeout,
        bodyTimeout: request.timeout,
        signal: AbortSignal.any([late.signal, request.signal]),
      });
      const answerHeaders = flatten(response.headers);
      measureSkew(answerHeaders[PROTOCOL_HEADERS.time], sentAt);
      const body = await readBody(what, response.body, answerHeaders['content-encoding'], request);
      return { status: response.statusCode, headers: answerHeaders, body };
    } catch (error) {
      if (error instanceof ControlPlaneError) throw error;
      if (request.signal.aborted) throw new ControlPlaneError('stopped', { what });
      const timedOut = late.signal.aborted || /Timeout/.test((error as Error).name);
      throw new ControlPlaneError(timedOut ? 'timeout' : 'unreachable', {
        what: `${what} ${timedOut ? 'took too long' : `got no answer (${networkCode(error)})`}`,
      });
    } finally {
      cancel();
    }
  }

  function measureSkew(time: string | undefined, sentAt: number): void {
    const theirs = Date.parse(time ?? '');
    if (Number.isNaN(theirs)) return;
    const now = clock.now();
    // An answer that was held tells the time of its end; one that was not, that of its middle.
    const middle = now - sentAt < 2_000 ? (sentAt + now) / 2 : now;
    skew = Math.round(theirs - middle);
  }

  return { exchange, clockSkew: () => skew };
}

function networkCode(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'no connection';
}
