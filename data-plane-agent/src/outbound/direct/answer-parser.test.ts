import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AnswerEvents, AnswerFramingError, AnswerParser } from './answer-parser.ts';
import type { AnswerHeaders } from './header-lines.ts';
import {
  answerArbitrary,
  keptAnswerArbitrary,
  type Reading,
  split,
  type WrittenAnswer,
} from './test-answers.ts';

/** Notes what it is told, and sends the next request as soon as an answer is complete. */
class Recorder implements AnswerEvents {
  readonly readings: Reading[] = [];
  readonly parser = new AnswerParser(this);
  private readonly bodyless: boolean[];

  constructor(bodyless: boolean[]) {
    this.bodyless = bodyless;
    this.next();
  }

  head(status: number, headers: AnswerHeaders): void {
    this.readings.push({ status, headers: { ...headers }, body: '', complete: false });
  }

  data(chunk: Buffer): void {
    expect(chunk.length).toBeGreaterThan(0);
    const last = this.readings.at(-1);
    if (!last || last.complete) throw new Error('a body without a head');
    last.body += chunk.toString('latin1');
  }

  end(): void {
    const last = this.readings.at(-1);
    if (!last || last.complete) throw new Error('an end without a head');
    last.complete = true;
    this.next();
  }

  private next(): void {
    const bodyless = this.bodyless.shift();
    if (bodyless !== undefined) this.parser.expect(bodyless);
  }
}

function readAll(answers: readonly WrittenAnswer[], places: readonly number[]): Recorder {
  const recorder = new Recorder(answers.map(({ bodyless }) => bodyless));
  const bytes = Buffer.concat(answers.map((answer) => answer.bytes));
  // As a connection does: all in one piece of memory, which the next bytes write over.
  const memory = Buffer.alloc(bytes.length);
  for (const piece of split(bytes, places)) {
    recorder.parser.feed(memory.subarray(0, piece.copy(memory)));
    memory.fill('X');
  }
  return recorder;
}

/** The readings of one answer; its end is that of the connection. */
function read(text: string, bodyless = false): { readings: Reading[]; parser: AnswerParser; ended: boolean } {
  const { readings, parser } = new Recorder([bodyless]);
  parser.feed(Buffer.from(text, 'latin1'));
  return { readings, parser, ended: parser.close() };
}

const head = (...lines: string[]) => `${['HTTP/1.1 200 OK', ...lines].join('\r\n')}\r\n\r\n`;
const chunked = (rest: string) => head('transfer-encoding: chunked') + rest;

describe('AnswerParser', () => {
  const placesArbitrary = fc.array(fc.nat(), { maxLength: 12 });

  it('reads any answer, split anywhere, as what it says', () => {
    fc.assert(
      fc.property(answerArbitrary, placesArbitrary, (answer, places) => {
        const { readings, parser } = readAll([answer], places);
        expect(parser.close()).toBe(answer.untilClose);
        expect(readings).toEqual([answer.says]);
        expect(parser.keepAlive).toBe(!answer.untilClose);
      }),
    );
  });

  it('reads answers that follow one another', () => {
    fc.assert(
      fc.property(
        fc.array(keptAnswerArbitrary, { maxLength: 5 }),
        answerArbitrary,
        placesArbitrary,
        (kept, last, places) => {
          const answers = [...kept, last];
          const { readings, parser } = readAll(answers, places);
          expect(parser.close()).toBe(last.untilClose);
          expect(readings).toEqual(answers.map(({ says }) => says));
        },
      ),
    );
  });

  it('reads an answer that comes byte by byte', () => {
    fc.assert(
      fc.property(answerArbitrary, (answer) => {
        const { readings, parser } = readAll([answer], [...answer.bytes.keys()]);
        parser.close();
        expect(readings).toEqual([answer.says]);
      }),
      { numRuns: 30 },
    );
  });

  it('never calls an answer complete that was cut', () => {
    fc.assert(
      fc.property(keptAnswerArbitrary, fc.nat(), (answer, place) => {
        const recorder = new Recorder([answer.bodyless]);
        recorder.parser.feed(answer.bytes.subarray(0, place % answer.bytes.length));
        expect(recorder.parser.close()).toBe(false);
        expect(recorder.readings.some(({ complete }) => complete)).toBe(false);
      }),
    );
  });

  it.each([
    ['a length twice', `${head('content-length: 1', 'content-length: 1')}a`],
    ['two lengths in one', `${head('content-length: 1, 1')}a`],
    ['a signed length', `${head('content-length: +1')}a`],
    ['a length in hex', `${head('content-length: 0x1')}a`],
    ['no length', `${head('content-length:')}a`],
    ['a length beyond what numbers hold', `${head('content-length: 99999999999999999999')}a`],
    ['a length behind a vertical tab', `${head('content-length: \x0b1')}a`],
    ['a length behind a space of latin1', `${head('content-length: \xa01')}a`],
    ['a length and chunks', `${head('content-length: 1', 'transfer-encoding: chunked')}1\r\na\r\n0\r\n\r\n`],
    ['chunks twice', `${head('transfer-encoding: chunked', 'transfer-encoding: chunked')}0\r\n\r\n`],
    ['another coding', `${head('transfer-encoding: gzip, chunked')}0\r\n\r\n`],
    ['chunks behind a vertical tab', `${head('transfer-encoding: \x0bchunked')}0\r\n\r\n`],
    ['chunks behind a space of latin1', `${head('transfer-encoding: \xa0chunked')}0\r\n\r\n`],
    ['chunks before a tab', `${head('transfer-encoding: chunked \t ')}0\r\n\r\n`],
    ['the coding identity', `${head('transfer-encoding: identity')}a`],
    ['a coding without a name', `${head('transfer-encoding:')}a`],
    ['a folded line', head('x-one: 1', ' two', 'content-length: 0')],
    ['a folded line with a colon', head('x-one: 1', '\tcontent-length: 0')],
    ['a space before the colon', head('content-length : 0')],
    ['a line without a colon', head('x-one')],
    ['a name of nothing', head(': x')],
    ['NUL in a value', head('x-one: a\0b')],
    ['a bare line feed', head('x-one: a\ncontent-length: 0')],
    ['a bare carriage return', head('x-one: a\rcontent-length: 0')],
    ['a status line of another protocol', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status line after nothing', '\r\nHTTP/1.1 200 OK\r\n\r\n'],
    ['an end before the answer', 'HTTP/1.1 100 Continue\r\nconnection: close\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n'],
    ['a chunk without a size', chunked('\r\na\r\n')],
    ['a size with a sign', chunked('-1\r\na\r\n')],
    ['a size in the manner of C', chunked('0x1\r\na\r\n')],
    ['a size before a space', chunked('1 \r\na\r\n')],
    ['a size beyond what numbers hold', chunked('fffffffffffffffff\r\na\r\n')],
    ['a line feed in an extension', chunked('1;a\nb\r\na\r\n')],
    ['an open quote in an extension', chunked('1;a="\r\na\r\n')],
    ['a chunk longer than it said', chunked('1\r\nab\r\n')],
    ['a chunk that ends in a line feed', chunked('1\r\na\n0\r\n\r\n')],
    ['a trailer without a colon', chunked('0\r\nx\r\n\r\n')],
    ['a trailer with a line feed', chunked('0\r\nx: 1\n\r\n\r\n')],
    ['a length among the trailers', chunked('0\r\ncontent-length: 5\r\n\r\n')],
    ['a coding among the trailers', chunked('0\r\ntransfer-encoding: chunked\r\n\r\n')],
    ['bytes after the answer', `${head('content-length: 1')}ab`],
    ['another answer after the answer', head('content-length: 0') + head('content-length: 0')],
    ['a body where none may be', 'HTTP/1.1 204 No Content\r\n\r\na'],
  ])('refuses %s', (_name, text) => {
    expect(() => read(text)).toThrow(AnswerFramingError);
  });

  it('refuses bytes before any request', () => {
    const parser = new AnswerParser(new Recorder([]));
    expect(() => parser.feed(Buffer.from('SSH-2.0\r\n'))).toThrow(AnswerFramingError);
  });

  it.each([
    ['a head', head(`x: ${'a'.repeat(70_000)}`)],
    ['a head that does not end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}`],
    ['a line between chunks', chunked(`1;a=${'b'.repeat(20_000)}\r\n`)],
    ['a line between chunks that does not end', chunked('0'.repeat(20_000))],
    ['trailers', chunked(`0\r\n${`x: ${'a'.repeat(10_000)}\r\n`.repeat(7)}\r\n`)],
  ])('holds no more than its limit of %s', (_name, text) => {
    expect(() => read(text)).toThrow(AnswerFramingError);
  });

  it.each([
    ['', 'HTTP/1.1', true],
    ['connection: keep-alive', 'HTTP/1.1', true],
    ['connection: Close', 'HTTP/1.1', false],
    ['connection: x-other, close', 'HTTP/1.1', false],
    ['connection: keep-alive\r\nconnection: close', 'HTTP/1.1', false],
    ['', 'HTTP/1.0', false],
    ['connection: Keep-Alive', 'HTTP/1.0', true],
    ['connection: keep-alive, close', 'HTTP/1.0', false],
  ])('knows whether the connection goes on: %j of %s', (line, version, kept) => {
    const { parser } = read(
      `${version} 200 OK\r\ncontent-length: 0\r\n${line}${line === '' ? '' : '\r\n'}\r\n`,
    );
    expect(parser.keepAlive).toBe(kept);
  });

  it('does not go on after chunks of HTTP/1.0', () => {
    const lines = 'transfer-encoding: chunked\r\nconnection: keep-alive';
    const { parser, readings } = read(`HTTP/1.0 200 OK\r\n${lines}\r\n\r\n1\r\na\r\n0\r\n\r\n`);
    expect(readings[0]).toMatchObject({ body: 'a', complete: true });
    expect(parser.keepAlive).toBe(false);
  });

  it.each([
    ['timeout=5, max=100', 5],
    ['max=100, timeout=75', 75],
    ['Timeout=0', 0],
    ['xtimeout=5', undefined],
    ['timeout=soon', undefined],
  ])('reads what a server says about idle connections: %s', (hint, seconds) => {
    expect(read(head('content-length: 0', `keep-alive: ${hint}`)).parser.keepAliveSeconds).toBe(seconds);
  });

  it('lets no header reach the prototype', () => {
    const { readings } = read(head('__proto__: x', 'constructor: y', 'constructor: z', 'content-length: 0'));
    const headers = readings[0]?.headers ?? {};
    expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
    expect(Object.entries(headers)).toEqual([
      ['constructor', ['y', 'z']],
      ['content-length', '0'],
    ]);
  });
});
