import type { ServerResponse } from 'node:http';
import type { Behaviour } from '../faults/behaviour.ts';
import type { Answer, AnswerEvent } from './answer.ts';
import type { Framing } from './framing.ts';
import type { Wait } from './wait.ts';

/** What was delivered so far. Kept up to date, so that it is right whenever the connection ends. */
export interface Progress {
  outputTokens: number;
  /** A fault ended the answer. */
  isCut: boolean;
}

/** Where an answer goes. `closed` aborts when the connection is gone. */
export interface Delivery {
  response: ServerResponse;
  progress: Progress;
  closed: AbortSignal;
  wait: Wait;
}

const jsonPieceBytes = 256;

/** Writes the answer as the behaviour says. Returns when all is written, or the connection is gone. */
export async function deliverAnswer(delivery: Delivery, answer: Answer, behaviour: Behaviour): Promise<void> {
  const { response, progress, closed, wait } = delivery;
  const framing = answer.content.kind === 'stream' ? answer.content.framing : undefined;
  const pieces = toPieces(answer, behaviour);
  writeHead(response, answer, pieces);
  if (behaviour.firstEventMilliseconds) {
    response.flushHeaders();
    await wait(behaviour.firstEventMilliseconds, closed);
  }
  for (let index = 0; !closed.aborted; index++) {
    if (index === behaviour.cutAfter) return cut(delivery);
    if (index === behaviour.stallAfter) return stall(delivery);
    if (index === behaviour.errorAfter && framing) {
      progress.isCut = true;
      response.end(framing.fail(behaviour.errorStatus, index));
      return;
    }
    const piece = pieces[index];
    if (!piece) break;
    if (index > 0 && behaviour.chunkMilliseconds) await wait(behaviour.chunkMilliseconds, closed);
    if (closed.aborted) return;
    progress.outputTokens += piece.tokens;
    await write(delivery, piece.data);
  }
  if (!closed.aborted) response.end(behaviour.noDone ? undefined : framing?.end);
}

interface Piece {
  data: string | Buffer;
  tokens: number;
}

function toPieces({ content, outputTokens }: Answer, behaviour: Behaviour): Piece[] {
  if (content.kind === 'stream') return streamPieces(content.events, content.framing, behaviour);
  const spoilt = behaviour.malformedChunk;
  const bytes = Buffer.from(content.body);
  const body = spoilt === undefined ? bytes : bytes.subarray(0, Math.floor(bytes.length / 2));
  const inPieces = [behaviour.cutAfter, behaviour.stallAfter, behaviour.chunkMilliseconds].some(
    (value) => value !== undefined,
  );
  if (!inPieces) return [{ data: body, tokens: outputTokens }];
  // A model has made the whole answer before its first byte leaves, so the first piece carries all tokens.
  return Array.from({ length: Math.ceil(body.length / jsonPieceBytes) }, (_, index) => ({
    data: body.subarray(index * jsonPieceBytes, (index + 1) * jsonPieceBytes),
    tokens: index === 0 ? outputTokens : 0,
  }));
}

function streamPieces(events: readonly AnswerEvent[], framing: Framing, behaviour: Behaviour): Piece[] {
  const withoutLast = behaviour.noDone && framing.end === undefined;
  return (withoutLast ? events.slice(0, -1) : events).map((event, index) => {
    const { tokens } = event;
    if (index + 1 === behaviour.badChecksum && framing.spoilChecksum)
      return { data: framing.spoilChecksum(event), tokens };
    const { data } = event;
    const half = index + 1 === behaviour.malformedChunk ? data.slice(0, Math.floor(data.length / 2)) : data;
    return { data: framing.frame({ ...event, data: half }, index), tokens };
  });
}

function writeHead(response: ServerResponse, { content, headers = {} }: Answer, pieces: Piece[]): void {
  if (content.kind === 'stream') {
    const type = { 'content-type': content.framing.contentType, 'cache-control': 'no-cache' };
    response.writeHead(200, { ...type, ...headers });
    return;
  }
  const length = pieces.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
  const type = content.kind === 'bytes' ? content.contentType : 'application/json';
  response.writeHead(200, { 'content-type': type, 'content-length': length, ...headers });
}

async function write({ response, closed }: Delivery, data: string | Buffer): Promise<void> {
  if (response.write(data) || closed.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done);
      closed.removeEventListener('abort', done);
      resolve();
    };
    response.on('drain', done);
    closed.addEventListener('abort', done);
  });
}

/** Sends what is written, then closes the connection without the end of the answer. */
function cut({ response, progress }: Delivery): void {
  progress.isCut = true;
  response.flushHeaders();
  response.socket?.destroySoon();
}

async function stall({ response, closed }: Delivery): Promise<void> {
  response.flushHeaders();
  if (closed.aborted) return;
  await new Promise<void>((resolve) => closed.addEventListener('abort', () => resolve()));
}
