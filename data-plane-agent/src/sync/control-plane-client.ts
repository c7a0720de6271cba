import {
  type HeartbeatAnswer,
  type HeartbeatRequest,
  heartbeatAnswerSchema,
  PROTOCOL_HEADERS,
} from '@bonito/protocol';
import { type ControlPlaneAnswer, refuseStatus } from './control-plane-answer.ts';
import { ControlPlaneError } from './control-plane-error.ts';
import { type ControlPlaneCall, createExchange, type ExchangeOptions } from './control-plane-exchange.ts';
import type { ManifestSource } from './manifest-source.ts';

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
export function createControlPlaneClient(options: ExchangeOptions): ControlPlaneClient {
  const { exchange, clockSkew } = createExchange(options);

  async function call(request: ControlPlaneCall): Promise<ControlPlaneAnswer> {
    const answer = await exchange(request);
    refuseStatus(`${request.method} ${request.path}`, answer);
    return answer;
  }

  return {
    clockSkew,
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
    async section(section, signal, into) {
      const answer = await call({
        method: 'GET',
        path: `/api/agent/config/sections/${section.digest}`,
        timeout: SECTION_MILLISECONDS,
        limit: section.bytes,
        into,
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
