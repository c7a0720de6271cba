import fc from 'fast-check';
import type { AnswerHeaders } from './header-lines.ts';

/** What a reader made of an answer. */
export interface Reading {
  status: number;
  headers: AnswerHeaders;
  /** One character for each byte. */
  body: string;
  complete: boolean;
}

/** An answer as bytes, and what it says. */
export interface WrittenAnswer {
  bytes: Buffer;
  says: Reading;
  /** It answers HEAD. */
  bodyless: boolean;
  /** It ends with its connection. */
  untilClose: boolean;
}

const bytesArbitrary = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const valueArbitrary = fc.constantFrom('', 'one', 'a  b', '"x"; y=1', 'ü', 'tab\there', 'a,b', ':');
const nameArbitrary = fc.constantFrom(
  'x-one',
  'X-Two',
  'constructor',
  'set-cookie',
  "~'weird|",
  'date',
  'toString',
);
const blankArbitrary = fc.constantFrom('', ' ', '\t', '  \t');
const extensionArbitrary = fc.constantFrom('', ';a', ';a=b', ';a="b c;d"', ';a="\\"";b', ';a=b;c="\t"');
const informationalArbitrary = fc.array(
  fc.constantFrom(
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\ncontent-length: 5\r\n\r\n',
  ),
  { maxLength: 2 },
);
const headerArbitrary = fc.record({
  name: nameArbitrary,
  value: valueArbitrary,
  before: blankArbitrary,
  after: blankArbitrary,
});

type Framing = 'length' | 'chunks' | 'until-close' | 'head-only' | 'no-content' | 'not-modified';

interface Parts {
  framing: Framing;
  body: Buffer;
  headers: { name: string; value: string; before: string; after: string }[];
  informational: string[];
  cuts: number[];
  extensions: string[];
  upper: boolean;
  trailers: boolean;
}

function arbitraryOf(framing: fc.Arbitrary<Framing>): fc.Arbitrary<WrittenAnswer> {
  return fc
    .record({
      framing,
      body: bytesArbitrary,
      headers: fc.array(headerArbitrary, { maxLength: 4 }),
      informational: informationalArbitrary,
      cuts: fc.array(fc.nat(300), { maxLength: 4 }),
      extensions: fc.array(extensionArbitrary, { minLength: 6, maxLength: 6 }),
      upper: fc.boolean(),
      trailers: fc.boolean(),
    })
    .map(write);
}

/** A valid answer after which the connection goes on. */
export const keptAnswerArbitrary = arbitraryOf(
  fc.constantFrom<Framing>('length', 'chunks', 'head-only', 'no-content', 'not-modified'),
);

/** A valid answer of any kind. */
export const answerArbitrary = arbitraryOf(
  fc.constantFrom<Framing>('length', 'chunks', 'until-close', 'head-only', 'no-content', 'not-modified'),
);

/** The bytes, cut at these places. */
export function split(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = [...places.map((place) => place % (bytes.length + 1)), 0, bytes.length].sort((a, b) => a - b);
  return cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
}

function write(parts: Parts): WrittenAnswer {
  const { framing, headers, informational, upper } = parts;
  const status = { 'no-content': 204, 'not-modified': 304 }[framing as string] ?? 200;
  const hasBody = framing === 'length' || framing === 'chunks' || framing === 'until-close';
  const framed = headerOf(parts, upper);
  const lines = [
    ...headers.map(({ name, value, before, after }) => `${name}:${before}${value}${after}\r\n`),
    ...framed.map(([name, value]) => `${name}: ${value}\r\n`),
  ];
  const head = `${informational.join('')}HTTP/1.1 ${status} Some Words\r\n${lines.join('')}\r\n`;
  return {
    bytes: Buffer.concat([Buffer.from(head, 'latin1'), hasBody ? bodyOf(parts) : Buffer.alloc(0)]),
    says: {
      status,
      headers: joinHeaders([...headers.map(({ name, value }): [string, string] => [name, value]), ...framed]),
      body: hasBody ? parts.body.toString('latin1') : '',
      complete: true,
    },
    bodyless: framing === 'head-only',
    untilClose: framing === 'until-close',
  };
}

function headerOf({ framing, body }: Parts, upper: boolean): [string, string][] {
  const name = (text: string) => (upper ? text.toUpperCase() : text);
  if (framing === 'chunks') return [[name('transfer-encoding'), upper ? 'Chunked' : 'chunked']];
  if (framing === 'length' || framing === 'head-only') return [[name('content-length'), String(body.length)]];
  return [];
}

function bodyOf({ framing, body, cuts, extensions, upper, trailers }: Parts): Buffer {
  if (framing !== 'chunks') return body;
  const pieces = split(body, cuts).filter((piece) => piece.length > 0);
  const written = pieces.flatMap((piece, index) => {
    const hex = piece.length.toString(16).padStart(1 + (index % 3), '0');
    const size = `${upper ? hex.toUpperCase() : hex}${extensions[index] ?? ''}\r\n`;
    return [Buffer.from(size), piece, Buffer.from('\r\n')];
  });
  const end = `0${extensions[5] ?? ''}\r\n${trailers ? 'x-trailer: 1\r\nx-other:\r\n' : ''}\r\n`;
  return Buffer.concat([...written, Buffer.from(end)]);
}

/** Names in lower case, and the values of one name together. */
export function joinHeaders(pairs: readonly (readonly [string, string])[]): AnswerHeaders {
  const values = Map.groupBy(pairs, ([name]) => name.toLowerCase());
  values.delete('__proto__');
  return Object.fromEntries(
    Array.from(values, ([name, all]) => {
      const [first, ...others] = all.map(([, value]) => value);
      return [name, others.length === 0 ? first : [first ?? '', ...others]];
    }),
  );
}
