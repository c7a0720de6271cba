import type { AgentRecord } from '@bonito/protocol';
import type { OpenAttempt, UsageSink } from '../gateway/ports.ts';
import { LineBuffer } from './line-buffer.ts';
import { formatLine, recordPayload } from './line-format.ts';
import { AppendError, type LiveLog } from './live-log.ts';
import type { MemoryStream } from './memory-stream.ts';
import { openPayload, requestOf } from './open-attempts.ts';
import { type OpenRequest, OpenRequests } from './open-requests.ts';
import { messageOf, type SpoolContext } from './spool-ports.ts';
import { usageJson } from './usage-json.ts';

interface PendingRecord {
  record: AgentRecord;
  /** Its request, when that had attempts. */
  request: OpenRequest | undefined;
  /** Whether it may be on disk already: then it must be written again, under the same number. */
  doubtful: boolean;
}

/** Takes attempts and records, and gets them to disk once for each turn of the event loop. */
export interface UsageWriter extends UsageSink {
  record(record: AgentRecord): void;
  /** Writes what is pending, now. */
  flush(): void;
  /** Writes to this log from now on, beginning with everything that is still open. Answers whether that worked. */
  attach(log: LiveLog): boolean;
  /** Gives up the log: another instance settles what it held open. Answers how many requests that were. */
  detach(): void;
  /** Whether everything goes to disk. */
  healthy(): boolean;
  openRequests(): number;
  /** Records that wait for the disk to come back. */
  held(): number;
}

export interface UsageWriterOptions {
  memory: MemoryStream;
  /** Whether the log is still this instance's. */
  confirm(): boolean;
  /** The log failed or was taken over; `attach` is due some time later. */
  onFailure(takenOver: boolean): void;
}

export function createUsageWriter(context: SpoolContext, options: UsageWriterOptions): UsageWriter {
  const requests = new OpenRequests();
  /** Requests that another instance settles as unknown. Their own records must not be counted beside that. */
  const settledElsewhere = new Set<string>();
  let log: LiveLog | undefined;
  let healthy = false;
  let scheduled = false;
  /** The lines of this turn's attempts. */
  const attemptLines = new LineBuffer();
  let opened: OpenRequest[] = [];
  let callbacks: (() => void)[] = [];
  let pending: PendingRecord[] = [];
  let held: PendingRecord[] = [];

  const schedule = () => {
    if (scheduled) return;
    scheduled = true;
    context.timers.soon(flush);
  };

  /** Begins a segment with every attempt that has no record on disk yet, those of the given records included. */
  const begin = (target: LiveLog, records: PendingRecord[]) => {
    const carried = [...requests.all(), ...records.flatMap((one) => one.request ?? [])];
    target.begin(carried.map(linesOf).join(''));
    for (const request of carried) request.onDisk = true;
  };

  /** Numbers records and writes them behind the lines that are there. */
  const write = (target: LiveLog, lines: LineBuffer, records: PendingRecord[]) => {
    if (target.needsSegment()) begin(target, records);
    let sequence = target.stream()?.nextSequence ?? 0;
    for (const { record } of records) {
      const json = record.kind === 'usage' ? usageJson(record) : JSON.stringify(record);
      lines.add(recordPayload(sequence, requestOf(record), json));
      sequence += 1;
    }
    target.append(lines.content(), sequence);
  };

  const fail = (error: unknown, records: PendingRecord[]) => {
    healthy = false;
    const doubtful = error instanceof AppendError && !error.clean;
    if (doubtful) for (const request of requests.all()) request.onDisk = true;
    keepInMemory(records, doubtful);
    context.report({ type: 'disk_failed', message: messageOf(error) });
    options.onFailure(false);
  };

  const keepInMemory = (records: PendingRecord[], doubtful: boolean) => {
    for (const one of records) {
      one.doubtful ||= doubtful;
      if (one.doubtful || one.request?.onDisk) held.push(one);
      else options.memory.add(one.record);
    }
  };

  const flush = () => {
    scheduled = false;
    if (callbacks.length === 0 && pending.length === 0) return;
    const attempts = opened;
    const records = pending;
    const written = callbacks;
    opened = [];
    pending = [];
    callbacks = [];
    if (healthy && !options.confirm()) {
      forget();
      options.onFailure(true);
      for (const one of records) if (!one.request?.onDisk) options.memory.add(one.record);
    } else if (log && healthy) {
      try {
        write(log, attemptLines, records);
        for (const request of attempts) request.onDisk = true;
      } catch (error) {
        fail(error, records);
      }
    } else keepInMemory(records, false);
    attemptLines.clear();
    for (const done of written) {
      try {
        done();
      } catch {
        // What a request makes of it is the request's own affair.
      }
    }
  };

  const forget = () => {
    healthy = false;
    log = undefined;
    held = [];
    for (const request of requests.all()) {
      if (!request.onDisk) continue;
      requests.take(request.id);
      if (settledElsewhere.size < 100_000) settledElsewhere.add(request.id);
    }
  };

  const put = (record: AgentRecord) => {
    const id = requestOf(record);
    if (id !== undefined && settledElsewhere.size > 0 && settledElsewhere.delete(id)) return;
    const request = id === undefined ? undefined : requests.take(id);
    pending.push({ record, request, doubtful: false });
    schedule();
  };

  return {
    open: (attempt: OpenAttempt, written) => {
      schedule();
      callbacks.push(written);
      if (settledElsewhere.size > 0 && settledElsewhere.has(attempt.requestId)) return;
      let request = requests.get(attempt.requestId);
      if (request) request.attempts.push(attempt);
      else {
        request = { id: attempt.requestId, attempts: [attempt], onDisk: false, next: undefined };
        requests.add(request);
      }
      attemptLines.add(openPayload(attempt, request.attempts.length - 1));
      opened.push(request);
    },
    settle: put,
    record: put,
    flush,
    attach: (next) => {
      log = next;
      const unsent = options.memory
        .takeUnsent()
        .map((record) => ({ record, request: undefined, doubtful: false }));
      const records = [...held, ...unsent];
      held = [];
      try {
        begin(next, records);
        write(next, new LineBuffer(), records);
        healthy = true;
      } catch (error) {
        fail(error, records);
      }
      return healthy;
    },
    detach: forget,
    healthy: () => healthy,
    openRequests: () => requests.size,
    held: () => held.length,
  };
}

function linesOf(request: OpenRequest): string {
  return request.attempts.map((attempt, ordinal) => formatLine(openPayload(attempt, ordinal))).join('');
}
