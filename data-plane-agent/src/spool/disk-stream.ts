import { join } from 'node:path';
import { parseLines } from './line-format.ts';
import type { SpoolDisk } from './spool-disk.ts';
import type { Batch, BatchLimit } from './upload-source.ts';

/** One file of a stream. */
export interface Segment {
  number: number;
  path: string;
  /** Numbers of its records: from `first` up to but not including `next`. */
  first: number;
  next: number;
  /** Bytes that were written for sure. */
  bytes: number;
  /** Of those, what survives a loss of power; only that is sent, so that no number is ever given twice. */
  durableBytes: number;
  durableNext: number;
  /** Milliseconds since 1970. */
  createdAt: number;
  /** Whether any of its records may have been delivered. The file's name says so too, before the first attempt. */
  attempted: boolean;
  /** Whether it is still being appended to. */
  live: boolean;
  /** Whether what it holds open is safe elsewhere, so that the file may go once its records are acknowledged. */
  releasable: boolean;
}

/** A stream's records on disk, oldest segment first. */
export interface DiskStream {
  id: string;
  folder: string;
  segments: Segment[];
  /** The number that its next record gets. */
  nextSequence: number;
  acknowledged: number;
  /** Whether nothing is appended any more and its open attempts are settled or kept elsewhere. */
  ended: boolean;
  /** Where in a segment a record stands: the beginning and the end of the last batch. */
  cursors: { segment: number; offset: number; sequence: number }[];
  /** When the last acknowledged batch was read, ms since 1970: what is left in a segment came after that. */
  drainedAt: number;
}

export const ENDED_FILE = 'ended';
/** Lines are looked through in pieces of this size, so that no request waits for long. */
const READ_BYTES = 64 * 1024;

export function newDiskStream(id: string, folder: string): DiskStream {
  return {
    id,
    folder,
    segments: [],
    nextSequence: 0,
    acknowledged: 0,
    ended: false,
    cursors: [],
    drainedAt: 0,
  };
}

export function segmentPath(folder: string, number: number, attempted: boolean): string {
  return join(folder, `${String(number).padStart(8, '0')}${attempted ? '.sent' : ''}.log`);
}

/** Reads a segment's name; undefined for any other file. */
export function parseSegmentName(name: string): { number: number; attempted: boolean } | undefined {
  const match = /^([0-9]{8})(\.sent)?\.log$/.exec(name);
  return match ? { number: Number(match[1]), attempted: match[2] !== undefined } : undefined;
}

export function streamBytes(stream: DiskStream): number {
  return stream.segments.reduce((total, segment) => total + segment.bytes, 0);
}

/** Records that were not acknowledged yet. */
export function unacknowledgedRecords(stream: DiskStream): number {
  const first = stream.segments[0]?.first ?? stream.nextSequence;
  return Math.max(0, stream.nextSequence - Math.max(stream.acknowledged, first));
}

/** Since when its oldest record waits, at the latest; undefined when none does. */
export function oldestAt(stream: DiskStream): number | undefined {
  const segment = stream.segments.find((one) => one.next > Math.max(stream.acknowledged, one.first));
  if (!segment) return undefined;
  return segment.first < stream.acknowledged
    ? Math.max(segment.createdAt, stream.drainedAt)
    : segment.createdAt;
}

/** The segment that the next batch comes from. */
function sendable(stream: DiskStream): Segment | undefined {
  return stream.segments.find(
    (segment) => segment.durableNext > Math.max(stream.acknowledged, segment.first),
  );
}

export function isReady(stream: DiskStream): boolean {
  return sendable(stream) !== undefined;
}

/**
 * Notes the mark, and removes the segments that nothing needs any more. A mark beyond all numbers that were given (the
 * volume was put back to an older state) moves the next number there, or new records would pass for old ones.
 */
export function acknowledge(disk: SpoolDisk, stream: DiskStream, next: number): void {
  stream.acknowledged = Math.max(stream.acknowledged, next);
  stream.nextSequence = Math.max(stream.nextSequence, next);
  while (stream.segments[0] && isRemovable(stream, stream.segments[0])) {
    try {
      disk.remove(stream.segments[0].path);
    } catch {
      return; // A disk that refuses now is asked again at the next acknowledgement.
    }
    stream.segments.shift();
  }
  if (isDrained(stream)) removeQuietly(disk, stream.folder);
}

/** Takes the mark back, as far as the segments that are still there reach. Answers whether that was anywhere. */
export function rewind(stream: DiskStream, next: number): boolean {
  const target = Math.max(next, stream.segments[0]?.first ?? stream.acknowledged);
  if (target >= stream.acknowledged) return false;
  stream.acknowledged = target;
  return true;
}

/** Whether nothing of the stream is left. */
export function isDrained(stream: DiskStream): boolean {
  return stream.ended && stream.segments.length === 0;
}

function removeQuietly(disk: SpoolDisk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // An empty folder does no harm; the next start removes it.
  }
}

function isRemovable(stream: DiskStream, segment: Segment): boolean {
  return !segment.live && segment.releasable && segment.next <= stream.acknowledged;
}

/**
 * The next records of a stream with consecutive numbers. Numbers that are missing (damaged lines) end a batch, so that the
 * control plane sees the gap. The segment is marked as attempted on disk before this settles.
 */
export async function readBatch(
  disk: SpoolDisk,
  stream: DiskStream,
  limit: BatchLimit,
  now: number,
): Promise<Batch | undefined> {
  const segment = sendable(stream);
  if (!segment) return undefined;
  await markAttempted(disk, stream, segment);
  const known = stream.cursors.find(
    (cursor) => cursor.segment === segment.number && cursor.sequence === stream.acknowledged,
  );
  const begin = known?.offset ?? 0;
  let offset = begin;
  const pieces: Buffer[] = [];
  let first = stream.acknowledged;
  let bytes = 0;
  let window = READ_BYTES;
  let full = false;
  while (!full && offset < segment.durableBytes) {
    const length = Math.min(window, segment.durableBytes - offset);
    const chunk = await disk.read(segment.path, offset, length);
    const { consumed } = parseLines(chunk, (line) => {
      if (line.type !== 'record' || line.sequence < first + pieces.length) return true;
      if (pieces.length === 0) first = line.sequence;
      const fits = pieces.length === 0 || bytes + line.json.length < limit.bytes;
      full = !fits || line.sequence !== first + pieces.length || pieces.length >= limit.records;
      if (full) return false;
      pieces.push(line.json);
      bytes += line.json.length + 1;
      return true;
    });
    offset += consumed;
    if (consumed === 0 && !full) {
      if (chunk.length < length || length === segment.durableBytes - offset) break;
      window *= 4; // A line that is longer than the piece.
    }
  }
  if (pieces.length === 0) {
    // Nothing in it can be read: its numbers are a gap.
    stream.acknowledged = segment.durableNext;
    acknowledge(disk, stream, stream.acknowledged);
    return readBatch(disk, stream, limit, now);
  }
  stream.cursors = [
    { segment: segment.number, offset: begin, sequence: stream.acknowledged },
    { segment: segment.number, offset, sequence: first + pieces.length },
  ];
  stream.drainedAt = now;
  const more = full || segment !== stream.segments.at(-1);
  return { first, count: pieces.length, json: joined(pieces), more };
}

async function markAttempted(disk: SpoolDisk, stream: DiskStream, segment: Segment): Promise<void> {
  if (segment.attempted) return;
  const path = segmentPath(stream.folder, segment.number, true);
  disk.rename(segment.path, path);
  segment.path = path;
  segment.attempted = true;
  await disk.syncFolder(stream.folder);
}

const COMMA = Buffer.from(',');

function joined(pieces: Buffer[]): Buffer {
  return Buffer.concat(pieces.flatMap((piece, index) => (index === 0 ? [piece] : [COMMA, piece])));
}
