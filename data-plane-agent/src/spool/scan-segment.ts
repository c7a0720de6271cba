import { parseLines, type SpoolLine } from './line-format.ts';
import type { SpoolContext } from './spool-ports.ts';

/** What is parsed before the event loop gets its turn: about a millisecond's work. */
const SLICE_BYTES = 128 * 1024;

/** Reads a whole segment, giving way to requests between slices. Answers how many lines were damaged. */
export async function scanSegment(
  context: Pick<SpoolContext, 'disk' | 'timers'>,
  path: string,
  take: (line: SpoolLine) => void,
): Promise<number> {
  const size = context.disk.size(path);
  let damaged = 0;
  let window = SLICE_BYTES;
  for (let offset = 0; offset < size; ) {
    const chunk = await context.disk.read(path, offset, Math.min(window, size - offset));
    const parsed = parseLines(chunk, (line) => {
      take(line);
      return true;
    });
    damaged += parsed.damaged;
    offset += parsed.consumed;
    if (parsed.consumed === 0) {
      if (offset + chunk.length >= size || chunk.length === 0) return damaged; // The torn last line.
      window *= 4;
    } else window = SLICE_BYTES;
    await giveWay(context);
  }
  return damaged;
}

/** Settles in the event loop's next turn. */
export function giveWay(context: Pick<SpoolContext, 'timers'>): Promise<void> {
  return new Promise((resolve) => context.timers.soon(resolve));
}
