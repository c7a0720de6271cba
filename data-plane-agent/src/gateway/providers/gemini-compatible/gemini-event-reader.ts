import type { ChatEvent } from '../../chat/chat-event.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, takeExtra } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { ChatEventReader } from '../provider-kind.ts';
import { partsOf, readHead, readUsage } from './read-answer.ts';
import { readCitations } from './read-citations.ts';
import { errorOf, readStatus } from './read-error.ts';
import { readCall, readMedia, signatureOf } from './read-parts.ts';
import { blockedStop, readStop } from './read-stop.ts';
import { changedToolNames } from './tool-names.ts';

const WIRE = 'gemini-content';
const PIECE_FIELDS = new Set(['candidates', 'modelVersion', 'responseId', 'createTime', 'usageMetadata']);
const CANDIDATE_FIELDS = new Set(['content', 'finishReason', 'index', 'safetyRatings']);

/** Reads the pieces of `:streamGenerateContent?alt=sse`, each of which has the form of a whole answer. */
export class GeminiEventReader implements ChatEventReader {
  private readonly names: ReadonlyMap<string, string> | undefined;
  private started = false;
  private answerId = '';
  /** How many calls each choice has made. */
  private readonly calls = new Map<number, number>();
  private readonly stopped = new Set<number>();

  constructor(request?: ChatRequest) {
    this.names = changedToolNames(request);
  }

  read({ data }: StreamFrame): ChatEvent[] {
    if (data.length === 0) return [];
    let piece: unknown;
    try {
      piece = JSON.parse(data.toString());
    } catch {
      throw new MalformedAnswerError('a piece of the stream');
    }
    const error = errorOf(piece);
    if (error) {
      return [{ type: 'error', error: readStatus(error), original: { wire: WIRE, value: error } }];
    }
    if (!isObject(piece)) throw new MalformedAnswerError('a piece of the stream');
    return this.readPiece(piece);
  }

  /** The stream's end is its closing. */
  end(): ChatEvent[] {
    return this.stopped.size > 0 ? [{ type: 'end' }] : [];
  }

  private readPiece(piece: JsonObject): ChatEvent[] {
    const candidates = piece.candidates ?? [];
    if (!Array.isArray(candidates)) throw new MalformedAnswerError('candidates');
    const events: ChatEvent[] = [];
    const extra = takeExtra(WIRE, piece, PIECE_FIELDS);
    if (!this.started) {
      this.started = true;
      const head = readHead(piece);
      this.answerId = head.id;
      events.push({ type: 'start', ...head, ...(extra && { extra }) });
    } else if (extra)
      events.push({ type: 'other', original: { wire: WIRE, value: { piece: extra.fields } } });
    for (let position = 0; position < candidates.length; position++) {
      this.readCandidate(candidates[position], position, events);
    }
    const feedback = piece.promptFeedback;
    if (isObject(feedback) && typeof feedback.blockReason === 'string' && this.stopped.size === 0) {
      this.stopped.add(0);
      events.push({ type: 'stop', choice: 0, stop: blockedStop(feedback.blockReason) });
    }
    const usage = readUsage(piece.usageMetadata);
    if (usage) events.push({ type: 'usage', usage });
    return events;
  }

  private readCandidate(value: unknown, position: number, events: ChatEvent[]): void {
    const path = `candidates[${position}]`;
    if (!isObject(value)) throw new MalformedAnswerError(path);
    const choice = typeof value.index === 'number' ? value.index : position;
    // Nothing comes after the stop that a client could take in.
    if (this.stopped.has(choice)) return;
    const parts = partsOf(value, path);
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at];
      if (!isObject(part)) throw new MalformedAnswerError(`${path}.content.parts[${at}]`);
      this.readPart(part, choice, events);
    }
    if (value.groundingMetadata !== undefined || value.citationMetadata !== undefined) {
      for (const citation of readCitations(value)) events.push({ type: 'citation', choice, citation });
    }
    const extra = takeExtra(WIRE, value, CANDIDATE_FIELDS);
    if (extra) {
      events.push({
        type: 'other',
        original: { wire: WIRE, value: { index: choice, candidate: extra.fields } },
      });
    }
    const stop = readStop(value.finishReason, this.calls.has(choice));
    if (!stop) return;
    this.stopped.add(choice);
    events.push({ type: 'stop', choice, stop });
  }

  private readPart(part: JsonObject, choice: number, events: ChatEvent[]): void {
    const value = signatureOf(part);
    const signature = value === undefined ? undefined : { value };
    if (part.thought === true && typeof part.text === 'string') {
      if (part.text !== '') events.push({ type: 'reasoning', choice, text: part.text, summary: true });
      if (signature) events.push({ type: 'reasoning_state', choice, signature });
      return;
    }
    const call = this.calls.get(choice) ?? 0;
    const called = readCall(part, this.answerId, `${choice}_${call}`, this.names);
    if (called) {
      const { id, name, arguments: text } = called;
      this.calls.set(choice, call + 1);
      events.push({ type: 'tool_call', choice, call, id, name, ...(signature && { signature }) });
      events.push({ type: 'tool_arguments', choice, call, text });
      return;
    }
    // An empty reasoning part of its own: it belongs to what comes next.
    if (signature) events.push({ type: 'part_end', choice }, { type: 'reasoning_state', choice, signature });
    if (typeof part.text === 'string') {
      if (part.text !== '') events.push({ type: 'text', choice, text: part.text });
      return;
    }
    const media = readMedia(part);
    if (media) events.push({ type: 'media', choice, part: media });
    else {
      const { thoughtSignature: _told, ...original } = part;
      events.push({ type: 'other', original: { wire: WIRE, value: { index: choice, part: original } } });
    }
  }
}
