import { basename, join } from 'node:path';
import { type DiskStream, ENDED_FILE, newDiskStream, parseSegmentName, type Segment } from './disk-stream.ts';
import { parseLines, type SpoolLine } from './line-format.ts';
import { scanSegment } from './scan-segment.ts';
import type { SpoolContext } from './spool-ports.ts';

/** Enough for the first line of a segment. */
const HEAD_BYTES = 64;

/**
 * Reads what a stream that nobody writes to has on disk. All lines of a stream that did not end are given to `take`; of
 * one that ended only as much is read as its numbers need.
 */
export async function loadStream(
  context: SpoolContext,
  folder: string,
  take: (line: SpoolLine) => void,
): Promise<{ stream: DiskStream; damaged: number }> {
  const { disk } = context;
  const stream = newDiskStream(basename(folder), folder);
  const names = disk.list(folder);
  stream.ended = names.includes(ENDED_FILE);
  let damaged = 0;
  const files = names
    .flatMap((name) => {
      const parsed = parseSegmentName(name);
      return parsed ? [{ ...parsed, path: join(folder, name) }] : [];
    })
    .sort((a, b) => a.number - b.number);
  for (const [index, file] of files.entries()) {
    const segment: Segment = {
      ...file,
      first: stream.nextSequence,
      next: stream.nextSequence,
      bytes: disk.size(file.path),
      durableBytes: 0,
      durableNext: 0,
      createdAt: context.clock.now(),
      live: false,
      releasable: true,
    };
    const note = (line: SpoolLine) => noteLine(segment, line);
    const following = files[index + 1] && (await readHead(context, files[index + 1]?.path ?? ''));
    const head = stream.ended && following ? await readHead(context, file.path) : undefined;
    if (head && following) {
      note(head);
      segment.next = Math.max(segment.next, following.first);
    } else {
      damaged += await scanSegment(context, file.path, (line) => {
        note(line);
        if (!stream.ended) take(line);
      });
    }
    segment.durableBytes = segment.bytes;
    segment.durableNext = segment.next;
    stream.segments.push(segment);
    stream.nextSequence = Math.max(stream.nextSequence, segment.next);
  }
  stream.acknowledged = stream.segments[0]?.first ?? 0;
  return { stream, damaged };
}

function noteLine(segment: Segment, line: SpoolLine): void {
  if (line.type === 'head') {
    segment.first = line.first;
    segment.next = Math.max(segment.next, line.first);
    segment.createdAt = line.createdAt;
  } else if (line.type === 'record') segment.next = Math.max(segment.next, line.sequence + 1);
}

async function readHead(
  { disk }: Pick<SpoolContext, 'disk'>,
  path: string,
): Promise<Extract<SpoolLine, { type: 'head' }> | undefined> {
  let head: SpoolLine | undefined;
  parseLines(await disk.read(path, 0, HEAD_BYTES), (line) => {
    head = line;
    return false;
  });
  return head?.type === 'head' ? head : undefined;
}
