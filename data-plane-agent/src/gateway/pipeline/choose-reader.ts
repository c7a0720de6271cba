import type { ChatAnswer } from '../chat/chat-answer.ts';
import type { ProviderError } from '../chat/provider-error.ts';
import { createSplitter } from '../framing/create-splitter.ts';
import type { Framing } from '../framing/stream-frame.ts';
import { type AttemptFailure, failureOfAnswer } from '../reliability/attempt-failure.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { sealResponseIds } from '../state/response-ids.ts';
import { stateOwner } from '../state/state-owner.ts';
import type { ChatEventWriter } from '../surfaces/chat-surface.ts';
import { identityOf } from './answer-identity.ts';
import type { AnswerReader, ExchangeControl, JudgeAnswer } from './answer-reader.ts';
import { ErrorReader } from './error-reader.ts';
import { isErrorInside } from './error-status.ts';
import { errorOfAnswer } from './failed-stop.ts';
import { JsonArrayOutlet } from './json-array-outlet.ts';
import type { KeepAlive } from './keep-alive.ts';
import type { PreparedCall } from './prepare-call.ts';
import {
  readOperationAnswer,
  readPassedAnswer,
  readTranslatedAnswer,
  writeAnswerAsStream,
  writeTranslatedAnswer,
} from './read-whole-answer.ts';
import type { ParsedRequest, RequestContext } from './request-context.ts';
import { StreamOutlet, WholeOutlet } from './respond.ts';
import { StreamReader } from './stream-reader.ts';
import type { StreamSink } from './stream-sink.ts';
import { TranslatedStreamReader } from './translated-stream-reader.ts';
import type { AnswerHead } from './upstream-exchange.ts';
import type { PassWay, TranslateWay, Way } from './way.ts';
import { WholeAsStream } from './whole-as-stream.ts';
import { type WholeAnswer, WholeReader, type WholeSink } from './whole-reader.ts';

/** Where an attempt's answer goes instead of straight to the client: it is one of several. */
export interface AttemptOutputs {
  stream(make: () => StreamSink): StreamSink;
  writer(make: () => ChatEventWriter): ChatEventWriter;
  whole(make: () => WholeSink): WholeSink;
  readAnswer(answer: ChatAnswer): WholeAnswer;
}

/** What reading an answer needs to know of its attempt. */
export interface AnsweredAttempt extends JudgeAnswer {
  readonly call: {
    readonly context: RequestContext;
    readonly parsed: ParsedRequest;
    readonly keepAlive: KeepAlive | undefined;
  };
  readonly target: CompiledTarget;
  readonly way: Way;
  readonly prepared: PreparedCall;
  readonly exchange: ExchangeControl;
  readonly outputs: AttemptOutputs | undefined;
  /** Of the request, as far as its size says anything about tokens. */
  readonly inputBytes: number;
}

/** Who reads an answer, told by its head. */
export function chooseReader(attempt: AnsweredAttempt, head: AnswerHead): AnswerReader {
  const { way, exchange } = attempt;
  if (head.status >= 300) return new ErrorReader(head, exchange, attempt);
  if (way.type === 'translate') return readTranslated(attempt, head, way);
  if (way.type === 'pass' && isFramed(head, way.dialect.framing, asksForFrames(attempt, way)))
    return readStream(attempt, head, way);
  return readWhole(attempt, head, true, (body) =>
    way.type === 'pass'
      ? readPassed(attempt, body, head, way)
      : readOperationAnswer(body, head.headers, attempt.call.parsed, way),
  );
}

/** Sound and pictures may be streamed too, but as bytes. */
function asksForFrames({ call }: AnsweredAttempt, { dialect }: PassWay): boolean {
  return call.parsed.stream && dialect.binary !== true && dialect.media === undefined;
}

function readStream(attempt: AnsweredAttempt, head: AnswerHead, way: PassWay): AnswerReader {
  const { parsed, context } = attempt.call;
  return new StreamReader({
    head,
    control: attempt.exchange,
    outlet: streamOutlet(attempt, head),
    judge: attempt,
    dialect: way.dialect,
    meter: way.dialect.passMeter(parsed.stream && !parsed.wantsUsage),
    splitter: createSplitter(way.dialect.framing, context.services.settings.eventLimitBytes),
    inputBytes: attempt.inputBytes,
    rewrite: way.dialect.wire === 'openai-responses' ? (bytes) => sealIds(attempt, bytes) : undefined,
  });
}

function readPassed(
  attempt: AnsweredAttempt,
  body: Buffer,
  head: AnswerHead,
  way: PassWay,
): WholeAnswer | undefined {
  const answer = readPassedAnswer(body, head.headers, way.dialect, attempt.target);
  if (!answer || way.dialect.wire !== 'openai-responses') return answer;
  return { ...answer, body: sealIds(attempt, answer.body) };
}

/** Ids of stored responses belong to who got them. */
function sealIds(attempt: AnsweredAttempt, bytes: Buffer): Buffer {
  const { context } = attempt.call;
  return sealResponseIds(bytes, context.services.seal, stateOwner(context, attempt.target));
}

function readTranslated(attempt: AnsweredAttempt, head: AnswerHead, way: TranslateWay): AnswerReader {
  const { call, prepared, target } = attempt;
  const { context } = call;
  const { chat, services } = context;
  if (!chat || !isFramed(head, way.dialect.framing, chat.stream)) {
    const asStream = chat?.stream === true && !attempt.outputs;
    const sink = asStream ? new WholeAsStream(streamOutlet(attempt, head)) : undefined;
    const read = (body: Buffer) => {
      const answer = readTranslatedAnswer(body, context, target, way);
      if (!answer) return undefined;
      const error = errorOfAnswer(answer);
      if (error) return noAnswer(answer, failureAfterGoodStatus(attempt, head, error));
      if (attempt.outputs) return attempt.outputs.readAnswer(answer);
      return asStream ? writeAnswerAsStream(answer, chat, way) : writeTranslatedAnswer(answer, context, way);
    };
    return readWhole(attempt, head, false, read, sink);
  }
  const makeWriter = () => way.surface.eventWriter(chat);
  return new TranslatedStreamReader({
    control: attempt.exchange,
    outlet: streamOutlet(attempt, head),
    splitter: createSplitter(way.dialect.framing, services.settings.eventLimitBytes),
    reader: way.dialect.eventReader(chat),
    writer: attempt.outputs ? attempt.outputs.writer(makeWriter) : makeWriter(),
    seal: services.seal,
    owner: stateOwner(context, target),
    failureOf: (error) => failureAfterGoodStatus(attempt, head, error),
    inputBytes: prepared.body.length,
    missing: identityOf(context),
  });
}

function noAnswer({ usage }: ChatAnswer, failure: AttemptFailure): WholeAnswer {
  return { body: Buffer.alloc(0), tokens: usage?.counts, dropped: [], failure };
}

function readWhole(
  attempt: AnsweredAttempt,
  head: AnswerHead,
  mayPass: boolean,
  read: (body: Buffer) => WholeAnswer | undefined,
  sink?: WholeSink,
): AnswerReader {
  const { context } = attempt.call;
  const { settings, budget } = context.services;
  const { way } = attempt;
  const binary = way.type === 'pass' && way.dialect.binary === true;
  const makeOutlet = () => new WholeOutlet(context, attempt.target, head, attempt.prepared.dropped);
  return new WholeReader(
    {
      control: attempt.exchange,
      outlet: sink ?? (attempt.outputs ? attempt.outputs.whole(makeOutlet) : makeOutlet()),
      read,
      failureIn: (body) => failureIn(attempt, head, body),
      mayPass,
      inputBytes: attempt.inputBytes,
      isMedia: way.type === 'pass' && way.dialect.media?.answer,
    },
    // What is not read need not be held.
    { bufferBytes: binary ? 0 : settings.answerBufferBytes, budget },
  );
}

function streamOutlet(attempt: AnsweredAttempt, head: AnswerHead): StreamSink {
  const { call, target, prepared } = attempt;
  const make = () => {
    const { context } = call;
    const outlet = new StreamOutlet(context, target, head, call.keepAlive, prepared.dropped);
    if (!context.answersArray) return outlet;
    return new JsonArrayOutlet(outlet, context.services.settings.eventLimitBytes);
  };
  return attempt.outputs ? attempt.outputs.stream(make) : make();
}

function failureIn(attempt: AnsweredAttempt, head: AnswerHead, body: Buffer): AttemptFailure | undefined {
  if (!isErrorInside(body, attempt.way.type === 'pass')) return undefined;
  return attempt.failureInside({ headers: head.headers, body });
}

/** An error that came with or after a 200: it has no status of its own. */
function failureAfterGoodStatus(
  attempt: AnsweredAttempt,
  head: AnswerHead,
  error: ProviderError,
): AttemptFailure {
  const answer = { status: 502, headers: head.headers, body: Buffer.alloc(0) };
  return failureOfAnswer(answer, error, false, attempt.call.context.services.clock.now());
}

const MEDIA_TYPES: Readonly<Record<Framing, string>> = {
  sse: 'text/event-stream',
  aws: 'application/vnd.amazon.eventstream',
};

/** What servers and proxies say that do not know what they send. */
const SAYS_NOTHING = /^(?:$|text\/plain|(?:application|binary)\/octet-stream)/;

/** Whether the answer comes in frames: its head says so, or says nothing where a stream was asked for. */
function isFramed(head: AnswerHead, framing: Framing, asked: boolean): boolean {
  const type = String(head.headers['content-type'] ?? '').toLowerCase();
  return type.startsWith(MEDIA_TYPES[framing]) || (asked && SAYS_NOTHING.test(type));
}
