import { request as requestByNode } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerParser } from './answer-parser.ts';
import { answerArbitrary, joinHeaders, type Reading, split } from './test-answers.ts';

/** What node's own client, and so llhttp, makes of an answer whose end is that of the connection. */
async function readByNode(pieces: readonly Buffer[], method: string): Promise<Reading | undefined> {
  let reading: Reading | undefined;
  const socket = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });
  const request = requestByNode({ method, createConnection: () => socket });
  request.on('error', () => undefined);
  request.on('response', (answer) => {
    const pairs: [string, string][] = [];
    for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2)
      pairs.push([answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '']);
    const made = { status: answer.statusCode ?? 0, headers: joinHeaders(pairs), body: '', complete: false };
    reading = made;
    // What the parser hands over, at once: a stream would lose it when a later byte is refused.
    answer.push = (chunk: Buffer | null) => {
      if (chunk === null) made.complete = answer.complete;
      else made.body += chunk.toString('latin1');
      return true;
    };
  });
  request.on('socket', () => {
    socket.on('end', () => socket.destroy());
    for (const piece of pieces) if (piece.length > 0) socket.push(piece);
    socket.push(null);
  });
  request.end();
  await new Promise<void>((resolve) => void socket.once('close', resolve));
  return reading;
}

/** An answer before it on the connection, whose names the parser remembers. */
const BEFORE = Buffer.from(
  'HTTP/1.1 200 OK\r\nContent-Type: a\r\nContent-Length: 0\r\nTransfer-Encodin: x\r\nx-one: 1\r\nConnection: keep-alive\r\n\r\n',
);

function readByParser(
  pieces: readonly Buffer[],
  method: string,
  hasReadBefore: boolean,
): Reading | undefined {
  let reading: Reading | undefined;
  const parser = new AnswerParser({
    head: (status, headers) => {
      reading = { status, headers: { ...headers }, body: '', complete: false };
    },
    data: (chunk) => {
      if (reading) reading.body += chunk.toString('latin1');
    },
    end: () => {
      if (reading) reading.complete = true;
    },
  });
  if (hasReadBefore) {
    parser.expect(false);
    parser.feed(BEFORE);
    reading = undefined;
  }
  parser.expect(method === 'HEAD');
  try {
    for (const piece of pieces) parser.feed(piece);
    parser.close();
  } catch {
    // What was told until then counts.
  }
  return reading;
}

/** Whatever ours takes, llhttp takes too and reads in the same way. It may be that ours takes less. */
async function compare(
  bytes: Buffer,
  places: readonly number[],
  method: string,
): Promise<Reading | undefined> {
  const pieces = split(bytes, places);
  const ours = readByParser(pieces, method, false);
  expect(readByParser(pieces, method, true)).toEqual(ours);
  if (!ours) return undefined;
  const theirs = await readByNode(pieces, method);
  expect({ status: theirs?.status, headers: theirs?.headers }).toEqual({
    status: ours.status,
    headers: ours.headers,
  });
  if (ours.complete) expect(theirs).toEqual(ours);
  else expect(theirs?.body.startsWith(ours.body)).toBe(true);
  return ours;
}

/** Not `proxy-connection`, which llhttp takes for `connection` and no RFC knows. */
const LINES = [
  'Content-Length: 5',
  'Content-Length: 05',
  'Content-Length: 5, 5',
  'Content-Length: -1',
  'Content-Length:',
  'Content-Length : 5',
  'Content-Length: 5 5',
  'Content-Length: \x0b5',
  'Content-Length: 5\xa0',
  'Content-Length: 18446744073709551621',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding:\tchunked',
  'Transfer-Encoding: chunked\t',
  'Transfer-Encoding: chunked \t ',
  'Content-Length: 5\t',
  'Content-Length:\t5 \t ',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: identity, chunked',
  'Transfer-Encoding: chunked,',
  'Transfer-Encoding: "chunked"',
  'Transfer-Encoding: \x0cchunked',
  'Transfer-Encoding',
  'Transfer-Encoding: ',
  ' folded',
  '\tTransfer-Encoding: chunked',
  'Connection: close',
  'Connection: upgrade',
  'Upgrade: websocket',
  '__proto__: x',
  'x-one: \x7f',
  'x-one: \x01',
  'x\xe9: 1',
  '(x): 1',
  ':',
  '',
].map((line) => `${line}\r\n`);
const PIECES = [
  ...[
    '\r',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '\n\n',
    '\0',
    ' ',
    '\t',
    '\x0b',
    '\xa0',
    ':',
    ';',
    ',',
    '"',
    '\\',
    '0',
    '1',
    'f',
  ],
  ...[
    '0\r\n\r\n',
    '5\r\nhello\r\n',
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 204 \r\n\r\n',
    'HTTP/1.1 101 Up\r\n\r\n',
  ],
  ...['HTTP/1.0 ', '304', '100', ';a=b', ';a="', '=', '+', '-', '0x', '00000000000000000'],
];

type Mutation = (text: string) => string;
const at = (text: string, place: number) => place % (text.length + 1);
/** Places are near heads and lines more often than in bodies. */
const lineStart = (text: string, place: number) => {
  const found = text.indexOf('\r\n', at(text, place));
  return found === -1 ? at(text, place) : found + 2;
};
const mutationArbitrary: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(fc.nat(), fc.constantFrom(...LINES)).map(
    ([place, line]): Mutation =>
      (text) => {
        const start = lineStart(text, place);
        return text.slice(0, start) + line + text.slice(start);
      },
  ),
  fc.tuple(fc.nat(), fc.constantFrom(...PIECES)).map(
    ([place, piece]): Mutation =>
      (text) => {
        return text.slice(0, at(text, place)) + piece + text.slice(at(text, place));
      },
  ),
  fc.tuple(fc.nat(), fc.constantFrom(...PIECES)).map(
    ([place, piece]): Mutation =>
      (text) => {
        return text.slice(0, at(text, place)) + piece + text.slice(at(text, place) + piece.length);
      },
  ),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 6 })).map(
    ([place, count]): Mutation =>
      (text) => {
        return text.slice(0, at(text, place)) + text.slice(at(text, place) + count);
      },
  ),
  fc.tuple(fc.nat(), fc.nat(255)).map(
    ([place, code]): Mutation =>
      (text) => {
        return text.slice(0, at(text, place)) + String.fromCharCode(code) + text.slice(at(text, place) + 1);
      },
  ),
  fc.tuple(fc.nat(), fc.nat(40), fc.nat()).map(
    ([place, count, to]): Mutation =>
      (text) => {
        const piece = text.slice(at(text, place), at(text, place) + count);
        return text.slice(0, at(text, to)) + piece + text.slice(at(text, to));
      },
  ),
  fc.nat().map(
    (place): Mutation =>
      (text) => {
        const found = text.indexOf('\r\n', at(text, place));
        return found === -1 ? text : `${text.slice(0, found)}\n${text.slice(found + 2)}`;
      },
  ),
);
const placesArbitrary = fc.array(fc.nat(), { maxLength: 3 });

describe('the agreement of AnswerParser with llhttp', () => {
  it('reads valid answers in the same way', async () => {
    await fc.assert(
      fc.asyncProperty(answerArbitrary, placesArbitrary, async (answer, places) => {
        const reading = await compare(answer.bytes, places, answer.bodyless ? 'HEAD' : 'POST');
        expect(reading).toEqual(answer.says);
      }),
      { numRuns: 300 },
    );
  });

  it('takes nothing that llhttp refuses or reads differently', { timeout: 60_000 }, async () => {
    let taken = 0;
    let refused = 0;
    const mutationsArbitrary = fc.array(mutationArbitrary, { minLength: 1, maxLength: 3 });
    const mutatedArbitrary = fc.tuple(answerArbitrary, mutationsArbitrary).map(([answer, mutations]) => ({
      text: mutations.reduce((before, mutate) => mutate(before), answer.bytes.toString('latin1')),
      method: answer.bodyless ? 'HEAD' : 'POST',
    }));
    await fc.assert(
      fc.asyncProperty(mutatedArbitrary, placesArbitrary, async ({ text, method }, places) => {
        const reading = await compare(Buffer.from(text, 'latin1'), places, method);
        if (reading?.complete) taken += 1;
        else refused += 1;
      }),
      { numRuns: 5_000 },
    );
    // Both happen often enough for the comparison to mean something.
    expect(Math.min(taken, refused)).toBeGreaterThan(200);
  });
});
