import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { INGEST_LIMITS, type IngestAnswer, ingestAnswerSchema } from '@bonito/protocol';
import { messageOf, type SpoolContext, type SpoolPost } from './spool-ports.ts';
import type { Batch, UploadSource } from './upload-source.ts';

/** Sends streams to the control plane, in the background, for as long as the process runs. */
export interface Uploader {
  /** There may be something to send: within a second it is. */
  wake(): void;
  /** Sends now, without waiting for the second or for a pause after a failure. Settles when nothing is left or a try failed. */
  uploadNow(): Promise<void>;
  close(): void;
  /** Records that the control plane reported as missing. */
  lost(): number;
}

export interface UploaderOptions {
  post: SpoolPost;
  /** Streams that are not drained, oldest first. */
  sources(): UploadSource[];
  /** Keeps a record that the control plane will never take. */
  quarantine(stream: string, batch: Batch, status: number): void;
  /** The control plane says that so many records never reached it. */
  onLost(records: number): void;
}

/** How long a record may wait for others to go with it. Short, so that logs show up while someone watches. */
const GATHER_MS = 1_000;
const FIRST_RECORDS = 500;
/** Far below what the control plane takes after decompression: larger ones save nothing more, and packing them is felt. */
const BATCH_BYTES = INGEST_LIMITS.bodyBytes / 8;
const LONGEST_PAUSE_MS = 60_000;

interface StreamState {
  records: number;
  failures: number;
  /** By monotonic time; a stream that is refused for itself does not keep the others waiting. */
  pausedUntil: number;
}

/** `again`: there is more to send at once. `progress`: what comes next may gather for a while. */
type Outcome = 'progress' | 'again' | 'failed';

const compress = promisify(gzip);

export function createUploader(context: SpoolContext, options: UploaderOptions): Uploader {
  const { clock, timers } = context;
  const states = new Map<string, StreamState>();
  let cancelTimer: (() => void) | undefined;
  let running: Promise<void> | undefined;
  let closed = false;
  let lost = 0;
  /** After a failure that is no stream's own. */
  let pausedUntil = 0;
  let failures = 0;

  const stateOf = (source: UploadSource): StreamState => {
    let state = states.get(source.id);
    if (!state) {
      state = { records: FIRST_RECORDS, failures: 0, pausedUntil: 0 };
      states.set(source.id, state);
    }
    return state;
  };

  const pauseAfter = (count: number): number => {
    const ceiling = Math.min(LONGEST_PAUSE_MS, GATHER_MS * 2 ** Math.min(count, 10));
    return Math.round(ceiling * (0.5 + context.random.fraction() / 2));
  };

  const schedule = (milliseconds: number) => {
    if (closed || cancelTimer) return;
    cancelTimer = timers.after(milliseconds, () => {
      cancelTimer = undefined;
      void run(false);
    });
  };

  const run = (urgent: boolean): Promise<void> => {
    running ??= drain(urgent).finally(() => {
      running = undefined;
      const waiting = options.sources().filter((source) => source.ready());
      if (waiting.length === 0) return;
      const streams = Math.min(...waiting.map((source) => stateOf(source).pausedUntil));
      schedule(Math.max(GATHER_MS, pausedUntil - clock.monotonic(), streams - clock.monotonic()));
    });
    return running;
  };

  const drain = async (urgent: boolean): Promise<void> => {
    if (!urgent && clock.monotonic() < pausedUntil) return;
    const sources = options.sources();
    const ids = new Set(sources.map((source) => source.id));
    for (const id of states.keys()) if (!ids.has(id)) states.delete(id);
    for (const source of sources) {
      const state = stateOf(source);
      if (!urgent && clock.monotonic() < state.pausedUntil) continue;
      let outcome: Outcome = 'again';
      while (!closed && source.ready() && (outcome === 'again' || (urgent && outcome === 'progress'))) {
        outcome = await step(source, state);
      }
      if (outcome === 'failed' && pausedUntil > clock.monotonic()) return;
    }
  };

  /** One batch. */
  const step = async (source: UploadSource, state: StreamState): Promise<Outcome> => {
    let batch: Batch | undefined;
    let answer: Awaited<ReturnType<typeof send>>;
    try {
      batch = await source.next({ records: state.records, bytes: BATCH_BYTES });
    } catch (error) {
      return failStream(state, null, messageOf(error));
    }
    if (!batch) return 'failed';
    try {
      answer = await send(source.id, batch.first, batch.json);
    } catch (error) {
      return failAll(state, batch, null, messageOf(error), undefined);
    }
    if (answer.accepted) return accept(source, state, batch, answer.accepted);
    if (isAboutTheBatch(answer.status)) return isolate(source, state, batch, answer.status);
    return failAll(
      state,
      batch,
      answer.status,
      'the control plane did not take the batch',
      answer.retryAfter,
    );
  };

  const accept = (source: UploadSource, state: StreamState, batch: Batch, answer: IngestAnswer): Outcome => {
    failures = 0;
    const full = batch.count >= state.records;
    if (full) state.records = Math.min(INGEST_LIMITS.records, state.records * 2);
    lost += answer.lost;
    if (answer.lost > 0) options.onLost(answer.lost);
    if (answer.next_sequence <= batch.first) {
      // It took nothing. After a pause it is given the same again, or what it had before it was put back to an older state.
      const rewound = source.rewind(answer.next_sequence);
      const next = rewound ? 'what it lacks is sent again' : 'nothing before the batch is left to send';
      return failStream(
        state,
        200,
        `the control plane's mark ${answer.next_sequence} is behind the batch; ${next}`,
      );
    }
    state.failures = 0;
    source.acknowledge(answer.next_sequence);
    context.report({
      type: 'uploaded',
      records: batch.count,
      lost: answer.lost,
      quarantined: answer.quarantined,
    });
    return batch.more ? 'again' : 'progress';
  };

  /** Finds the record that is refused by halving, so that it does not keep the others back. */
  const isolate = async (
    source: UploadSource,
    state: StreamState,
    batch: Batch,
    status: number,
  ): Promise<Outcome> => {
    if (batch.count > 1) {
      state.records = Math.max(1, Math.floor(batch.count / 2));
      return 'again';
    }
    // Is it the record? A control plane, or something before it, that refuses an empty batch too refuses everything.
    let accepted = false;
    try {
      accepted = (await send(source.id, batch.first, Buffer.alloc(0))).accepted !== undefined;
    } catch {
      // No answer: then nothing was learnt.
    }
    if (!accepted) return failStream(state, status, 'the control plane refuses even an empty batch');
    options.quarantine(source.id, batch, status);
    context.report({ type: 'record_refused', status });
    source.acknowledge(batch.first + 1);
    return 'again';
  };

  const failStream = (state: StreamState, status: number | null, message: string): Outcome => {
    state.failures += 1;
    const retryInMs = pauseAfter(state.failures);
    state.pausedUntil = clock.monotonic() + retryInMs;
    context.report({ type: 'upload_failed', status, message, retryInMs });
    return 'failed';
  };

  const failAll = (
    state: StreamState,
    batch: Batch,
    status: number | null,
    message: string,
    retryAfter: number | undefined,
  ): Outcome => {
    // A slow line may carry a smaller batch in time.
    if (status === null) state.records = Math.max(FIRST_RECORDS, Math.floor(batch.count / 2));
    failures += 1;
    const retryInMs = Math.max(pauseAfter(failures), Math.min(LONGEST_PAUSE_MS, (retryAfter ?? 0) * 1_000));
    pausedUntil = clock.monotonic() + retryInMs;
    context.report({ type: 'upload_failed', status, message, retryInMs });
    return 'failed';
  };

  const send = async (stream: string, first: number, json: Buffer) => {
    const body = await compress(
      Buffer.concat([
        Buffer.from(`{"stream":"${stream}","first_sequence":${first},"records":[`),
        json,
        Buffer.from(']}'),
      ]),
      { level: constants.Z_BEST_SPEED },
    );
    const answer = await options.post('/api/agent/ingest', body, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    });
    const retryAfter = Number(answer.headers['retry-after'] ?? Number.NaN);
    return {
      status: answer.status,
      retryAfter: Number.isFinite(retryAfter) ? retryAfter : undefined,
      accepted:
        answer.status === 200
          ? ingestAnswerSchema.parse(JSON.parse(answer.body.toString('utf8')))
          : undefined,
    };
  };

  return {
    wake: () => schedule(Math.max(GATHER_MS, pausedUntil - clock.monotonic())),
    uploadNow: async () => {
      if (running) await running;
      await run(true);
    },
    close: () => {
      closed = true;
      cancelTimer?.();
    },
    lost: () => lost,
  };
}

/** Refusals that a smaller or another batch may get around. Those about who asks, or how often, are not among them. */
function isAboutTheBatch(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 404, 407, 408, 421, 425, 426, 429].includes(status);
}
