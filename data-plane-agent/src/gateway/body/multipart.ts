import { isUtf8 } from 'node:buffer';
import { GatewayError } from '../errors/gateway-error.ts';
import { readParameters } from './multipart-type.ts';

/** One field or file of a form. Ranges are offsets into the body, ends exclusive; nothing is copied. */
export interface FormPart {
  readonly name: string;
  /** Set for a file. */
  readonly filename: string | undefined;
  /** As it stands there; undefined when it does not. */
  readonly contentType: string | undefined;
  readonly start: number;
  readonly end: number;
}

/** A form as RFC 7578 has it. */
export interface Form {
  readonly bytes: Buffer;
  readonly boundary: string;
  readonly parts: readonly FormPart[];
}

const MOST_PARTS = 256;
/** Of one part, names and values together. */
const MOST_HEADER_BYTES = 4_096;
const DASHES = '--';
const LINE_END = Buffer.from('\r\n');
const HEADERS_END = Buffer.from('\r\n\r\n');
const HEADER = /^([a-zA-Z0-9-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/;
const PLAIN_ENCODINGS = new Set(['7bit', '8bit', 'binary']);

/**
 * Reads a form. Strict, so that no other reader of the same bytes sees other fields: nothing stands before the first
 * boundary or after the last one, headers are neither folded nor repeated, nothing is encoded.
 *
 * @param boundary from the content type, without the dashes
 * @throws GatewayError `invalid_form`
 */
export function readForm(bytes: Buffer, boundary: string): Form {
  const opening = Buffer.from(`${DASHES}${boundary}`);
  if (!startsWith(bytes, opening, 0)) throw invalid('It has to begin with its boundary.');
  const parts: FormPart[] = [];
  let at = opening.length;
  while (!isClosed(bytes, at)) {
    if (!startsWith(bytes, LINE_END, at)) throw invalid('A boundary has to end its line.');
    if (parts.length === MOST_PARTS) throw invalid(`It has more than ${MOST_PARTS} parts.`);
    const headersEnd = findHeadersEnd(bytes, at);
    const start = headersEnd + HEADERS_END.length;
    const end = findEnd(bytes, opening, start);
    parts.push({ ...readHeaders(bytes.subarray(at + LINE_END.length, headersEnd)), start, end });
    at = end + LINE_END.length + opening.length;
  }
  return { bytes, boundary, parts };
}

/** The content of a part as text. @throws GatewayError when it is not UTF-8 */
export function partText({ bytes }: Form, { name, start, end }: FormPart): string {
  const content = bytes.subarray(start, end);
  if (!isUtf8(content)) throw invalid(`The field "${name}" is not valid UTF-8.`);
  return content.toString('utf8');
}

/** The last boundary and the end of the body behind it. */
function isClosed(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== 0x2d || bytes[at + 1] !== 0x2d) return false;
  const after = at + DASHES.length;
  if (after === bytes.length) return true;
  if (after + LINE_END.length === bytes.length && startsWith(bytes, LINE_END, after)) return true;
  throw invalid('Nothing may follow the last boundary.');
}

function findHeadersEnd(bytes: Buffer, from: number): number {
  const end = bytes.subarray(from, from + MOST_HEADER_BYTES + HEADERS_END.length).indexOf(HEADERS_END);
  if (end === -1)
    throw invalid(`The headers of a part take more than ${MOST_HEADER_BYTES} bytes, or do not end.`);
  return from + end;
}

/** Where a part's content ends. The boundary may stand nowhere in it: some readers find it in the middle of a line too. */
function findEnd(bytes: Buffer, opening: Buffer, start: number): number {
  const next = bytes.indexOf(opening, start);
  if (next === -1) throw invalid('It breaks off before its last boundary.');
  const end = next - LINE_END.length;
  if (end < start || !startsWith(bytes, LINE_END, end)) throw invalid('A boundary has to begin its line.');
  return end;
}

function readHeaders(block: Buffer): Pick<FormPart, 'name' | 'filename' | 'contentType'> {
  if (!isUtf8(block)) throw invalid('The headers of a part are not valid UTF-8.');
  const headers = new Map<string, string>();
  for (const line of block.toString('utf8').split('\r\n')) {
    const [, name = '', value = ''] = HEADER.exec(line) ?? [];
    if (name === '' || headers.has(name.toLowerCase()))
      throw invalid('A part has a malformed or repeated header.');
    headers.set(name.toLowerCase(), value);
  }
  const encoding = headers.get('content-transfer-encoding');
  if (encoding !== undefined && !PLAIN_ENCODINGS.has(encoding.toLowerCase()))
    throw invalid('A part has a content-transfer-encoding.');
  return { ...readDisposition(headers.get('content-disposition')), contentType: headers.get('content-type') };
}

function readDisposition(value: string | undefined): Pick<FormPart, 'name' | 'filename'> {
  const type = /^form-data[ \t]*(?=;)/i.exec(value ?? '');
  const parameters = value !== undefined && type ? readParameters(value.slice(type[0].length)) : undefined;
  const name = parameters?.get('name');
  if (!parameters || name === undefined || parameters.has('name*'))
    throw invalid('A part has to say its name in content-disposition, without escapes.');
  // RFC 7578 §4.6: it would change how all text is read.
  if (name === '_charset_') throw invalid('Text has to be UTF-8.');
  return { name, filename: parameters.get('filename') ?? parameters.get('filename*') };
}

function startsWith(bytes: Buffer, wanted: Buffer, at: number): boolean {
  return bytes.subarray(at, at + wanted.length).equals(wanted);
}

function invalid(detail: string): GatewayError {
  return new GatewayError('invalid_form', { detail });
}
