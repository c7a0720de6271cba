import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  type HeartbeatAnswer,
  type HeartbeatRequest,
  heartbeatAnswerSchema,
  maskCredential,
  PROTOCOL_HEADERS,
  PROTOCOL_VERSION,
} from '@bonito/protocol';
import type { Dispatcher } from 'undici';
import type { Clock } from '../gateway/ports.ts';
import type { AgentTokens } from './agent-token.ts';
import { ControlPlaneError } from './control-plane-error.ts';
import type { ManifestSource } from './manifest-source.ts';
import type { Timers } from './timers.ts';

/** A request to the control plane as it left, for the operator to see. The credential is masked. */
export interface SentRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** Shows an operator what was sent. Must not keep more than a bounded number of bytes. */
export interface Outbox {
  note(request: SentRequest): void;
}

/** The answer to a call: headers in lower case, the body decompressed. */
interface ControlPlaneAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One call. */
interface ControlPlaneCall {
  method: 'GET' | 'POST';
  /** Below the control plane's address, `/api/agent/config`. */
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array | undefined;
  /** Milliseconds for the whole call. */
  timeout: number;
  /** Largest answer, in bytes after decompression. */
  limit: number;
  signal: AbortSignal;
}

export interface ControlPlaneClientOptions {
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

/** Calls to the control plane, as protocol version 1 has them. */
export interface ControlPlaneClient extends ManifestSource {
  /**
   * Any other `POST`, the spool's batches above all, with the protocol's headers. Every status is an answer; throws only
   * when none came.
   */
  post(
    path: string,
    body: Uint8Array,
    headers: Record<string, string>,
  ): Promise<{ status: number; headers: Record<string, string>; body: Buffer }>;
  /** `POST /api/agent/heartbeat` */
  heartbeat(report: HeartbeatRequest, signal: AbortSignal): Promise<HeartbeatAnswer>;
  /** Milliseconds that the control plane's clock is ahead of this one's; undefined before the first answer. */
  clockSkew(): number | undefined;
}

const unzip = promisify(gunzip);

const CALL_MILLISECONDS = 15_000;
const SECTION_MILLISECONDS = 60_000;
/** On top of the time that the control plane was asked to hold its answer. */
const HOLD_MILLISECONDS = 10_000;
const MANIFEST_BYTES = 4 * 1024 * 1024;
const HEARTBEAT_BYTES = 1024 * 1024;
const UPLOAD_MILLISECONDS = 60_000;
/** Uploads go on while the agent stops, until their time is over. */
const NEVER = new AbortController().signal;

/** Makes the client. All its calls throw `ControlPlaneError`. */
export function createControlPlaneClient(options: ControlPlaneClientOptions): ControlPlaneClient {
  const { clock, tokens } = options;
  const address = new URL(options.address);
  const prefix = address.pathname.replace(/\/+$/, '');
  let skew: number | undefined;

  async function call(request: ControlPlaneCall): Promise<ControlPlaneAnswer> {
    const answer = await exchange(request);
    refuseStatus(`${request.method} ${request.path}`, answer);
    return answer;
  }

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
      'accept-encoding': 'gzip',
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
      const body = await readBody(what, response.body, answerHeaders['content-encoding'], request.limit);
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

  return {
    clockSkew: () => skew,
    async post(path, body, headers) {
      const {
        status,
        headers: answered,
        body: bytes,
      } = await exchange({
        method: 'POST',
        path,
        headers,
        body,
        timeout: UPLOAD_MILLISECONDS,
        limit: HEARTBEAT_BYTES,
        signal: NEVER,
      });
      return { status, headers: { ...answered }, body: Buffer.from(bytes) };
    },
    // GET /api/agent/config
    async manifest({ tag, waitSeconds, signal }) {
      const answer = await call({
        method: 'GET',
        path: '/api/agent/config',
        headers: {
          ...(tag && { 'if-none-match': tag }),
          ...(waitSeconds > 0 && { prefer: `wait=${waitSeconds}` }),
        },
        timeout: waitSeconds * 1_000 + HOLD_MILLISECONDS,
        limit: MANIFEST_BYTES,
        signal,
      });
      const beat = answer.headers[PROTOCOL_HEADERS.beat] === 'now';
      if (answer.status === 304) return { changed: false, beat };
      const jws = Buffer.from(answer.body).toString('latin1').trim();
      return { changed: true, beat, jws, tag: answer.headers.etag };
    },
    // GET /api/agent/config/sections/{digest}
    async section(section, signal) {
      const answer = await call({
        method: 'GET',
        path: `/api/agent/config/sections/${section.digest}`,
        timeout: SECTION_MILLISECONDS,
        limit: section.bytes,
        signal,
      });
      return answer.body;
    },
    async heartbeat(report, signal) {
      const answer = await call({
        method: 'POST',
        path: '/api/agent/heartbeat',
        body: Buffer.from(JSON.stringify(report)),
        timeout: CALL_MILLISECONDS,
        limit: HEARTBEAT_BYTES,
        signal,
      });
      try {
        return heartbeatAnswerSchema.parse(JSON.parse(Buffer.from(answer.body).toString()));
      } catch {
        throw new ControlPlaneError('answer_malformed', { what: 'the answer to the heartbeat is not one' });
      }
    },
  };
}

function refuseStatus(what: string, { status, headers }: ControlPlaneAnswer): void {
  if (status < 300 || status === 304) return;
  const detail = { what: `${what} was answered with ${status}`, status, retryAfter: readRetryAfter(headers) };
  if (status < 400) throw new ControlPlaneError('answer_malformed', detail);
  if (status === 401 || status === 403) throw new ControlPlaneError('unauthorized', detail);
  if (status === 404) throw new ControlPlaneError('not_found', detail);
  const passing = status >= 500 || status === 408 || status === 429;
  throw new ControlPlaneError(passing ? 'unavailable' : 'refused', detail);
}

/** `Retry-After` in seconds (RFC 9110 §10.2.3); the form with a date is not used by the control plane. At most ten minutes. */
function readRetryAfter(headers: Readonly<Record<string, string>>): number | undefined {
  const seconds = /^[0-9]{1,6}$/.exec(headers['retry-after'] ?? '')?.[0];
  return seconds === undefined ? undefined : Math.min(Number(seconds), 600) * 1_000;
}

async function readBody(
  what: string,
  body: Dispatcher.ResponseData['body'],
  encoding: string | undefined,
  limit: number,
): Promise<Uint8Array> {
  const tooLarge = () =>
    new ControlPlaneError('answer_too_large', { what: `the answer to ${what} passes ${limit} bytes` });
  const pieces: Uint8Array[] = [];
  let size = 0;
  // Gzip makes data that cannot be compressed a little larger.
  const received = encoding === 'gzip' ? limit + limit / 1_000 + 1_024 : limit;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > received) {
      body.destroy();
      throw tooLarge();
    }
    pieces.push(piece);
  }
  const bytes = Buffer.concat(pieces);
  if (encoding === undefined || encoding === 'identity') return bytes;
  if (encoding !== 'gzip' && encoding !== 'x-gzip')
    throw new ControlPlaneError('answer_malformed', { what: `the answer to ${what} is not gzip` });
  try {
    // Node refuses a limit of zero.
    return await unzip(bytes, { maxOutputLength: Math.max(1, limit) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new ControlPlaneError('answer_malformed', { what: `the answer to ${what} is not gzip` });
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function networkCode(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? code : 'no connection';
}
