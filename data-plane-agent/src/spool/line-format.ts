import { crc32 } from 'node:zlib';

/**
 * A segment's lines. Each is `checksum payload\n`; the checksum is the payload's CRC-32 in eight hexadecimal digits. Payloads:
 *
 * - `h FIRST CREATED`: the head of a segment. Its first record has at least the number FIRST; made at CREATED (ms since 1970).
 * - `o REQUEST N JSON`: attempt N (from 0) of a request is about to be made. Not numbered, never sent.
 * - `r NUMBER REQUEST JSON`: the record with this number in the stream. REQUEST is `-` for one that is about no request.
 *
 * What uploading and recovery decide by stands before the JSON, so that neither has to parse it.
 */
export type SpoolLine =
  | { type: 'head'; first: number; createdAt: number }
  | { type: 'open'; requestId: string; ordinal: number; json: Buffer }
  | { type: 'record'; sequence: number; requestId: string; json: Buffer };

/** A line as it stands in the file. */
export function formatLine(payload: string): string {
  return `${crc32(payload).toString(16).padStart(8, '0')} ${payload}\n`;
}

export function headPayload(first: number, createdAt: number): string {
  return `h ${first} ${createdAt}`;
}

export function recordPayload(sequence: number, requestId: string | undefined, json: string): string {
  return `r ${sequence} ${requestId ?? '-'} ${json}`;
}

/** The outcome of reading a piece of a segment. */
export interface ParsedLines {
  /** Bytes up to and with the last line that was taken. */
  consumed: number;
  /** Lines whose checksum did not hold. They are skipped. */
  damaged: number;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * Reads whole lines from a piece of a segment, in order. A last line without its end is left alone: it is either torn or
 * goes on in the next piece. `take` answers false to stop before the line that it was given.
 */
export function parseLines(
  bytes: Buffer,
  take: (line: SpoolLine, end: number) => boolean | undefined,
): ParsedLines {
  let consumed = 0;
  let damaged = 0;
  for (;;) {
    const end = bytes.indexOf(NEWLINE, consumed);
    if (end < 0) return { consumed, damaged };
    const line = parseLine(bytes.subarray(consumed, end));
    if (!line) damaged += 1;
    else if (take(line, end + 1) === false) return { consumed, damaged };
    consumed = end + 1;
  }
}

/** One line without its end; undefined when it is damaged. */
export function parseLine(line: Buffer): SpoolLine | undefined {
  const space = line.indexOf(SPACE);
  if (space < 1 || space > 8) return undefined;
  const payload = line.subarray(space + 1);
  if (Number.parseInt(line.toString('latin1', 0, space), 16) !== crc32(payload)) return undefined;
  const first = payload.indexOf(SPACE);
  const second = payload.indexOf(SPACE, first + 1);
  if (first !== 1 || second < 0) return undefined;
  const left = payload.toString('latin1', 2, second);
  const kind = payload.toString('latin1', 0, 1);
  if (kind === 'h') {
    return { type: 'head', first: Number(left), createdAt: Number(payload.toString('latin1', second + 1)) };
  }
  const third = payload.indexOf(SPACE, second + 1);
  if (third < 0) return undefined;
  const right = payload.toString('latin1', second + 1, third);
  const json = payload.subarray(third + 1);
  if (kind === 'o') return { type: 'open', requestId: left, ordinal: Number(right), json };
  if (kind === 'r') return { type: 'record', sequence: Number(left), requestId: right, json };
  return undefined;
}
