import { join } from 'node:path';
import { idSchema, type UsageRecord } from '@bonito/protocol';
import { finishCollapse, REPLACES_FILE } from './collapse-streams.ts';
import { type DiskStream, ENDED_FILE, isDrained, segmentPath } from './disk-stream.ts';
import { formatLine, headPayload, recordPayload } from './line-format.ts';
import { loadStream } from './load-stream.ts';
import { parseOpen, type StoredOpen, unknownRecord } from './open-attempts.ts';
import type { SpoolContext } from './spool-ports.ts';

const CLAIMED = 'claimed-';

/** What was taken over from a dead instance. */
export interface Adoption {
  streams: DiskStream[];
  /** Requests whose end nobody saw, by the stream that now says so. */
  unknown: number;
  damagedLines: number;
}

export interface AdoptionOptions {
  /** The spool's folder, with one folder for each instance. */
  root: string;
  /** The adopting instance's folder. */
  own: string;
  source: UsageRecord['source'];
}

/**
 * Takes over every dead instance on the volume. To claim one is to rename its folder into one's own: of two adopters exactly
 * one succeeds, and when that one dies in the middle, its folder and all in it is claimed by the next.
 */
export async function adoptDeadInstances(
  context: SpoolContext,
  options: AdoptionOptions,
  adopted: (adoption: Adoption) => void,
): Promise<void> {
  const { disk, locks } = context;
  for (const name of disk.list(options.root)) {
    const folder = join(options.root, name);
    if (!idSchema.safeParse(name).success || folder === options.own) continue;
    if (!(await locks.isDead(folder))) continue;
    const claimed = join(options.own, CLAIMED + name);
    try {
      disk.rename(folder, claimed);
    } catch {
      continue; // Another adopter was faster.
    }
    await disk.syncFolder(options.own);
    await adoptClaimed(context, claimed, options, adopted);
  }
}

/** Settles what a claimed folder holds and moves its streams into the own folder. Each step may be repeated after a crash. */
export async function adoptClaimed(
  context: SpoolContext,
  folder: string,
  options: AdoptionOptions,
  adopted: (adoption: Adoption) => void,
): Promise<void> {
  const { disk } = context;
  const names = disk.list(folder);
  for (const name of names) {
    if (name.startsWith(CLAIMED)) await adoptClaimed(context, join(folder, name), options, adopted);
  }
  const ids = names.filter((name) => idSchema.safeParse(name).success).sort();
  for (const id of ids) {
    if (disk.list(join(folder, id)).includes(REPLACES_FILE)) await finishCollapse(context, folder, id);
  }
  const opens = new Map<string, Map<number, StoredOpen>>();
  // A record whose first write was in doubt may stand before its attempts, which were then written again.
  const settled = new Set<string>();
  const streams: DiskStream[] = [];
  let damagedLines = 0;
  for (const id of ids) {
    const { stream, damaged } = await loadStream(context, join(folder, id), (line) => {
      if (line.type === 'record') settled.add(line.requestId);
      if (line.type === 'open') noteOpen(opens, line);
    });
    damagedLines += damaged;
    streams.push(stream);
  }
  for (const requestId of settled) opens.delete(requestId);
  const unfinished = streams.filter((stream) => !stream.ended);
  for (const stream of unfinished) await makeDurable(context, stream);
  const last = unfinished.at(-1);
  if (last && opens.size > 0) await appendUnknown(context, last, opens, options.source);
  // Oldest first: until the last has ended, it still settles what the others held open.
  for (const stream of unfinished) await end(context, stream);
  for (const stream of streams) moveInto(context, stream, options.own);
  await disk.syncFolder(options.own);
  disk.remove(folder);
  adopted({ streams: streams.filter((stream) => !isDrained(stream)), unknown: opens.size, damagedLines });
}

function noteOpen(
  opens: Map<string, Map<number, StoredOpen>>,
  line: { requestId: string; ordinal: number; json: Buffer },
): void {
  const open = parseOpen(line.json);
  if (!open || !idSchema.safeParse(line.requestId).success) return;
  const attempts = opens.get(line.requestId) ?? new Map<number, StoredOpen>();
  opens.set(line.requestId, attempts.set(line.ordinal, open));
}

/** What was read may so far be in memory only. It must not be sent before it is safe: its numbers could be given again. */
async function makeDurable({ disk }: SpoolContext, stream: DiskStream): Promise<void> {
  for (const segment of stream.segments) {
    const handle = disk.openAppend(segment.path);
    try {
      await disk.sync(handle);
    } finally {
      disk.close(handle);
    }
  }
  await disk.syncFolder(stream.folder);
}

async function appendUnknown(
  context: SpoolContext,
  stream: DiskStream,
  opens: Map<string, Map<number, StoredOpen>>,
  source: UsageRecord['source'],
): Promise<void> {
  const { disk } = context;
  const number = (stream.segments.at(-1)?.number ?? -1) + 1;
  const path = segmentPath(stream.folder, number, false);
  const createdAt = context.clock.now();
  const first = stream.nextSequence;
  let next = first;
  let text = formatLine(headPayload(first, createdAt));
  for (const [requestId, attempts] of opens) {
    const [open, ...rest] = [...attempts].sort(([a], [b]) => a - b).map(([, attempt]) => attempt);
    if (!open) continue;
    const record = unknownRecord(context.random.id(), requestId, [open, ...rest], source);
    text += formatLine(recordPayload(next, requestId, JSON.stringify(record)));
    next += 1;
  }
  const handle = disk.openAppend(path);
  const lines = Buffer.from(text);
  try {
    disk.write(handle, lines);
    await disk.sync(handle);
  } finally {
    disk.close(handle);
  }
  await disk.syncFolder(stream.folder);
  stream.segments.push({
    number,
    path,
    first,
    next,
    bytes: lines.length,
    durableBytes: lines.length,
    durableNext: next,
    createdAt,
    attempted: false,
    live: false,
    releasable: true,
  });
  stream.nextSequence = next;
}

async function end({ disk }: SpoolContext, stream: DiskStream): Promise<void> {
  disk.close(disk.openAppend(join(stream.folder, ENDED_FILE)));
  await disk.syncFolder(stream.folder);
  stream.ended = true;
}

function moveInto({ disk }: SpoolContext, stream: DiskStream, own: string): void {
  const folder = join(own, stream.id);
  if (isDrained(stream)) disk.remove(stream.folder);
  else disk.rename(stream.folder, folder);
  stream.folder = folder;
  for (const segment of stream.segments) {
    segment.path = segmentPath(folder, segment.number, segment.attempted);
  }
}
