import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';
import type { Behaviour } from './behaviour.ts';
import { OpenAiError } from './openai-error.ts';
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
  const isStream = answer.content.kind === 'stream';
  const pieces = toPieces(answer, behaviour);
  writeHead(response, pieces, isStream);
  if (behaviour.firstEventMilliseconds) {
    response.flushHeaders();
    await wait(behaviour.firstEventMilliseconds, closed);
  }
  for (let index = 0; !closed.aborted; index++) {
    if (index === behaviour.cutAfter) return cut(delivery);
    if (index === behaviour.stallAfter) return stall(delivery);
    if (index === behaviour.errorAfter && isStream) return endWithError(delivery);
    const piece = pieces[index];
    if (!piece) break;
    if (index > 0 && behaviour.chunkMilliseconds) await wait(behaviour.chunkMilliseconds, closed);
    if (closed.aborted) return;
    progress.outputTokens += piece.tokens;
    await write(delivery, piece.data);
  }
  if (!closed.aborted) response.end(isStream && !behaviour.noDone ? 'data: [DONE]\n\n' : undefined);
}

interface Piece {
  data: string | Buffer;
  tokens: number;
}

function toPieces({ content, outputTokens }: Answer, behaviour: Behaviour): Piece[] {
  const spoilt = behaviour.malformedChunk;
  if (content.kind === 'stream') {
    return content.events.map(({ data, tokens }, index) => ({
      data: `data: ${index + 1 === spoilt ? spoil(data) : data}\n\n`,
      tokens,
    }));
  }
  const body = spoilt === undefined ? content.body : spoil(content.body);
  const inPieces = [behaviour.cutAfter, behaviour.stallAfter, behaviour.chunkMilliseconds].some(
    (value) => value !== undefined,
  );
  if (!inPieces) return [{ data: body, tokens: outputTokens }];
  // A model has made the whole answer before its first byte leaves, so the first piece carries all tokens.
  const bytes = Buffer.from(body);
  return Array.from({ length: Math.ceil(bytes.length / jsonPieceBytes) }, (_, index) => ({
    data: bytes.subarray(index * jsonPieceBytes, (index + 1) * jsonPieceBytes),
    tokens: index === 0 ? outputTokens : 0,
  }));
}

function spoil(json: string): string {
  return json.slice(0, Math.floor(json.length / 2));
}

function writeHead(response: ServerResponse, pieces: Piece[], isStream: boolean): void {
  if (isStream) {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
    });
    return;
  }
  const length = pieces.reduce((sum, { data }) => sum + Buffer.byteLength(data), 0);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
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

function endWithError({ response, progress }: Delivery): void {
  progress.isCut = true;
  response.end(`data: ${new OpenAiError(500, 'The simulator was asked to fail in mid-stream.').body()}\n\n`);
}
