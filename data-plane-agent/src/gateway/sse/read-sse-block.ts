import type { SseEvent } from './sse-event.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const DATA = Buffer.from('data');
const EVENT = Buffer.from('event');

/** Whether the line at `start` begins with `data:`, read by hand: this is asked for each event. */
function beginsWithData(bytes: Buffer, start: number): boolean {
  return (
    bytes[start] === 0x64 &&
    bytes[start + 1] === 0x61 &&
    bytes[start + 2] === 0x74 &&
    bytes[start + 3] === 0x61 &&
    bytes[start + 4] === COLON
  );
}

/** A block of one `data:` line, whose text ends at `lineEnd`; undefined when the line is something else. Copies nothing. */
export function readSingleDataLine(bytes: Buffer, lineEnd: number): SseEvent | undefined {
  if (!beginsWithData(bytes, 0)) return undefined;
  const start = bytes[5] === SPACE ? 6 : 5;
  return {
    bytes,
    data: bytes.subarray(start, lineEnd),
    event: undefined,
    comment: false,
    complete: true,
  };
}

/**
 * Reads the fields of a block by the rules of the WHATWG HTML standard, "Interpreting an event stream". `id` and `retry`
 * stay in the bytes; nothing here needs them.
 *
 * @param start where its first line begins: behind a byte order mark or a line feed that belongs to the block before
 */
export function readSseBlock(bytes: Buffer, start: number, complete: boolean): SseEvent {
  const data: Buffer[] = [];
  let event: string | undefined;
  let comments = 0;
  let fields = 0;
  let at = start;
  while (at < bytes.length) {
    const end = lineEnd(bytes, at);
    const colon = bytes[at] === COLON ? at : indexBefore(bytes, at, end);
    const next = bytes[end] === CARRIAGE_RETURN && bytes[end + 1] === LINE_FEED ? end + 2 : end + 1;
    if (end > at) {
      if (colon === at) comments++;
      else {
        fields++;
        const name = bytes.subarray(at, colon);
        const value = bytes.subarray(bytes[colon + 1] === SPACE ? colon + 2 : colon + 1, end);
        if (name.equals(DATA)) data.push(colon === end ? bytes.subarray(end, end) : value);
        else if (name.equals(EVENT))
          event = colon === end || value.length === 0 ? undefined : value.toString();
      }
    }
    at = next;
  }
  return { bytes, data: joinLines(data), event, comment: fields === 0 && comments > 0, complete };
}

function lineEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) at++;
  return at;
}

/** The first colon of a line, or its end. */
function indexBefore(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== COLON) at++;
  return at;
}

function joinLines(lines: readonly Buffer[]): Buffer | undefined {
  const [first, ...others] = lines;
  if (first === undefined || others.length === 0) return first;
  return Buffer.concat([first, ...others.flatMap((line) => [Buffer.of(LINE_FEED), line])]);
}
