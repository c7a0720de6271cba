import { type ParsedLines, parseLines, type SpoolLine } from './line-format.ts';
import type { SpoolContext } from './spool-ports.ts';

/** What is read at once: a read waits for several turns of a busy event loop. */
const READ_BYTES = 512 * 1024;
/** What is parsed before the event loop gets its turn: about a millisecond's work. */
const SLICE_BYTES = 128 * 1024;

/**
 * Reads a whole segment, giving way to requests between slices. Answers how many lines were damaged.
 *
 * @param rest awaited after each slice; by default until the event loop's next turn
 */
export async function scanSegment(
  context: Pick<SpoolContext, 'disk' | 'timers'>,
  path: string,
  take: (line: SpoolLine) => void,
  rest: () => Promise<void> = () => giveWay(context),
): Promise<number> {
  const size = context.disk.size(path);
  let damaged = 0;
  let window = READ_BYTES;
  for (let offset = 0; offset < size; ) {
    const chunk = await context.disk.read(path, offset, Math.min(window, size - offset));
    const parsed = await parseInSlices(chunk, take, rest);
    damaged += parsed.damaged;
    offset += parsed.consumed;
    if (parsed.consumed > 0) window = READ_BYTES;
    else if (offset + chunk.length >= size || chunk.length === 0)
      return damaged; // The torn last line.
    else window *= 4;
  }
  return damaged;
}

async function parseInSlices(
  chunk: Buffer,
  take: (line: SpoolLine) => void,
  rest: () => Promise<void>,
): Promise<ParsedLines> {
  let consumed = 0;
  let damaged = 0;
  for (let length = SLICE_BYTES; ; ) {
    const parsed = parseLines(chunk.subarray(consumed, consumed + length), (line) => {
      take(line);
      return true;
    });
    const more = consumed + length < chunk.length;
    consumed += parsed.consumed;
    damaged += parsed.damaged;
    await rest();
    if (!more) return { consumed, damaged };
    length = parsed.consumed > 0 ? SLICE_BYTES : length * 4;
  }
}

/** Settles in the event loop's next turn. */
export function giveWay(context: Pick<SpoolContext, 'timers'>): Promise<void> {
  return new Promise((resolve) => context.timers.soon(resolve));
}
