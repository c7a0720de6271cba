import { dirname, join } from 'node:path';
import { type AgentRecord, recordSchema } from '@bonito/protocol';
import {
  type DiskStream,
  ENDED_FILE,
  isDrained,
  newDiskStream,
  type Segment,
  segmentPath,
} from './disk-stream.ts';
import { formatLine, headPayload, recordPayload, type SpoolLine } from './line-format.ts';
import { addRollup, addUsage, isSummable, type Rollups } from './roll-up.ts';
import { giveWay, scanSegment } from './scan-segment.ts';
import type { SpoolContext } from './spool-ports.ts';

/**
 * Collapsing, when the disk limit is reached: the oldest segments give way to totals (docs/decisions/spool-collapse.md).
 *
 * Exactly once, since
 * - only segments of which nothing can have been delivered are taken; a segment's file is renamed to `*.sent.log` before the
 *   first attempt, so that this is known after a crash too;
 * - of each stream only the end is taken, and only of streams that have ended: no later number follows that would make the
 *   control plane see a gap;
 * - the totals are a new stream of their own. It appears by one rename, with a file `replaces` that lists what it stands for.
 *   From then on those segments are void: whoever finds the list removes them before anything is sent.
 */
export const REPLACES_FILE = 'replaces';

/** What a collapse did. */
export interface Collapse {
  /** The totals. */
  stream: DiskStream;
  /** Requests whose detail was dropped. */
  records: number;
}

/**
 * Collapses the oldest segments, about `bytes` of them. `none`: there is nothing that may be collapsed. `no-gain`: what was
 * read are totals already.
 *
 * @param streams in the order of their age; loses the segments that were collapsed
 * @param folder the instance's folder
 * @param rest awaited between slices of work
 */
export async function collapseOldest(
  context: SpoolContext,
  streams: DiskStream[],
  folder: string,
  bytes: number,
  rest: () => Promise<void>,
): Promise<Collapse | 'none' | 'no-gain'> {
  const chosen = choose(streams, bytes);
  const before = chosen.reduce((total, { segment }) => total + segment.bytes, 0);
  if (before === 0) return 'none';
  const { lines, records, count } = await totalUp(context, chosen, rest);
  if (Buffer.byteLength(lines) > before * 0.75) return 'no-gain';
  const id = context.newStreamId();
  const temporary = join(folder, `${id}.new`);
  const createdAt = chosen[0]?.segment.createdAt ?? context.clock.now();
  const text = formatLine(headPayload(0, createdAt)) + lines;
  const list = chosen.map(({ stream, segment }) => `${stream.id} ${segment.number}\n`).join('');
  const { disk } = context;
  disk.remove(temporary);
  disk.makeFolder(temporary);
  await writeDurably(context, segmentPath(temporary, 0, false), text);
  await writeDurably(context, join(temporary, REPLACES_FILE), list);
  await writeDurably(context, join(temporary, ENDED_FILE), '');
  await disk.syncFolder(temporary);
  disk.rename(temporary, join(folder, id));
  for (const { stream, segment } of chosen) {
    stream.segments = stream.segments.filter((one) => one !== segment);
    stream.nextSequence = Math.min(stream.nextSequence, segment.first);
  }
  const stream = totalsStream(id, join(folder, id), Buffer.byteLength(text), count, createdAt);
  await disk.syncFolder(folder);
  await finishCollapse(context, folder, id);
  for (const one of streams) if (isDrained(one)) disk.remove(one.folder);
  return { stream, records };
}

/** Removes what a stream of totals stands for. May be repeated. */
export async function finishCollapse(context: SpoolContext, folder: string, id: string): Promise<void> {
  const { disk } = context;
  const path = join(folder, id, REPLACES_FILE);
  const list = (await disk.read(path, 0, Math.max(1, disk.size(path)))).toString('utf8');
  const folders = new Set<string>();
  for (const [, stream = '', number = ''] of list.matchAll(/^([0-9a-f-]{36}) ([0-9]+)$/gm)) {
    const segment = segmentPath(join(folder, stream), Number(number), false);
    if (disk.list(dirname(segment)).length > 0) folders.add(dirname(segment));
    disk.remove(segment);
    // Megabytes of a file take the system a while.
    await giveWay(context);
  }
  for (const one of folders) await disk.syncFolder(one);
  disk.remove(path);
}

interface Chosen {
  stream: DiskStream;
  segment: Segment;
  /** Lower numbers than this stand in an earlier segment of the stream. */
  from: number;
}

function choose(streams: DiskStream[], bytes: number): Chosen[] {
  const chosen: Chosen[] = [];
  let total = 0;
  for (const stream of streams) {
    if (total >= bytes) break;
    if (!stream.ended) continue;
    const lastSent = stream.segments.findLastIndex((segment) => segment.attempted || !segment.releasable);
    let from = 0;
    for (const [index, segment] of stream.segments.entries()) {
      if (index > lastSent) {
        chosen.push({ stream, segment, from });
        total += segment.bytes;
      }
      from = Math.max(from, segment.next);
    }
  }
  return chosen;
}

async function totalUp(
  context: SpoolContext,
  chosen: Chosen[],
  rest: () => Promise<void>,
): Promise<{ lines: string; records: number; count: number }> {
  const totals: Rollups = new Map();
  const others: AgentRecord[] = [];
  let records = 0;
  const newRecordId = () => context.random.id();
  for (const { segment, from } of chosen) {
    // A record stands twice in a stream when its first write was in doubt; it counts once.
    let expected = from;
    const take = (line: SpoolLine) => {
      if (line.type !== 'record' || line.sequence < expected) return;
      expected = line.sequence + 1;
      const record = readRecord(line.json);
      if (record?.kind === 'usage') {
        addUsage(totals, record, newRecordId);
        records += 1;
      } else if (record?.kind === 'usage_rollup') addRollup(totals, record);
      else if (record) others.push(record);
    };
    await scanSegment(context, segment.path, take, rest);
  }
  const all = [...others, ...totals.values()];
  const lines = all.map((record, sequence) =>
    formatLine(recordPayload(sequence, undefined, JSON.stringify(record))),
  );
  return { lines: lines.join(''), records, count: all.length };
}

function readRecord(json: Buffer): AgentRecord | undefined {
  const value = parseJson(json);
  return isSummable(value) ? value : recordSchema.safeParse(value).data;
}

function parseJson(json: Buffer): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function writeDurably({ disk }: SpoolContext, path: string, text: string): Promise<void> {
  const handle = disk.openAppend(path);
  try {
    if (text) disk.write(handle, Buffer.from(text));
    await disk.sync(handle);
  } finally {
    disk.close(handle);
  }
}

function totalsStream(
  id: string,
  folder: string,
  bytes: number,
  count: number,
  createdAt: number,
): DiskStream {
  const stream = newDiskStream(id, folder);
  stream.ended = true;
  stream.nextSequence = count;
  stream.segments.push({
    number: 0,
    path: segmentPath(folder, 0, false),
    first: 0,
    next: count,
    bytes,
    durableBytes: bytes,
    durableNext: count,
    createdAt,
    attempted: false,
    live: false,
    releasable: true,
  });
  return stream;
}
