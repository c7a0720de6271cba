import type { ChatEvent } from '../../chat/chat-event.ts';
import type { ChatRequest } from '../../chat/chat-request.ts';
import { isObject, type JsonObject, type Opaque, takeExtra } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { ChatEventReader } from '../provider-kind.ts';
import type { ToolName } from '../tool-names.ts';
import { PartialArguments } from './partial-arguments.ts';
import { partsOf, readHead, readUsage } from './read-answer.ts';
import { errorOf, readStatus } from './read-error.ts';
import { readLogprobs } from './read-logprobs.ts';
import { readCall, readMedia, signatureOf } from './read-parts.ts';
import { blockedStop, readStop } from './read-stop.ts';
import { StreamedText } from './streamed-text.ts';
import { changedToolNames } from './tool-names.ts';

const WIRE = 'gemini-content';
const PIECE_FIELDS = new Set(['candidates', 'modelVersion', 'responseId', 'createTime', 'usageMetadata']);
const CANDIDATE_FIELDS = new Set(['content', 'finishReason', 'index', 'safetyRatings']);
const WITH_LOGPROBS = new Set([...CANDIDATE_FIELDS, 'logprobsResult']);

/** Reads the pieces of `:streamGenerateContent?alt=sse`, each of which has the form of a whole answer. */
export class GeminiEventReader implements ChatEventReader {
  private readonly names: ReadonlyMap<string, ToolName> | undefined;
  private started = false;
  private answerId = '';
  /** How many calls each choice has made. */
  private readonly calls = new Map<number, number>();
  /** A call whose arguments come in parts, by choice. */
  private readonly open = new Map<number, { call: number; parts: PartialArguments }>();
  /** What each choice gave as its reason so far: older models give one with every piece, so that only the last one counts. */
  private readonly reasons = new Map<number, unknown>();
  private readonly texts = new Map<number, StreamedText>();
  private blocked: unknown;

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
    const events: ChatEvent[] = [];
    for (const choice of this.open.keys()) this.closeCall(choice, events);
    for (const [choice, text] of this.texts)
      for (const citation of text.rest()) events.push({ type: 'citation', choice, citation });
    for (const [choice, reason] of this.reasons) {
      const stop = readStop(reason, this.calls.has(choice));
      if (stop) events.push({ type: 'stop', choice, stop });
    }
    if (this.reasons.size === 0 && this.blocked !== undefined)
      events.push({ type: 'stop', choice: 0, stop: blockedStop(this.blocked) });
    if (events.some(({ type }) => type === 'stop')) events.push({ type: 'end' });
    return events;
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
    if (isObject(feedback) && typeof feedback.blockReason === 'string') this.blocked = feedback.blockReason;
    const usage = readUsage(piece.usageMetadata);
    if (usage) events.push({ type: 'usage', usage });
    return events;
  }

  private readCandidate(value: unknown, position: number, events: ChatEvent[]): void {
    const path = `candidates[${position}]`;
    if (!isObject(value)) throw new MalformedAnswerError(path);
    const choice = typeof value.index === 'number' ? value.index : position;
    const parts = partsOf(value, path);
    const before = events.length;
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at];
      if (!isObject(part)) throw new MalformedAnswerError(`${path}.content.parts[${at}]`);
      this.readPart(part, choice, events);
    }
    const text = this.textOf(choice);
    for (const event of events.slice(before)) text.note(event);
    if (value.groundingMetadata !== undefined || value.citationMetadata !== undefined) {
      // Right behind the text: a mark or a call that follows it ends its part.
      const last = events.findLastIndex(({ type }) => type === 'text');
      const cited = text
        .citations(value)
        .map((citation): ChatEvent => ({ type: 'citation', choice, citation }));
      events.splice(Math.max(before, last + 1), 0, ...cited);
    }
    const logprobs = readLogprobs(value);
    if (logprobs) {
      const told = { index: choice, choice: logprobs.fields };
      events.push({ type: 'other', original: { wire: logprobs.wire, value: told } });
    }
    const extra = takeExtra(WIRE, value, logprobs ? WITH_LOGPROBS : CANDIDATE_FIELDS);
    if (extra) {
      events.push({
        type: 'other',
        original: { wire: WIRE, value: { index: choice, candidate: extra.fields } },
      });
    }
    if (readStop(value.finishReason, false)) this.reasons.set(choice, value.finishReason);
  }

  private textOf(choice: number): StreamedText {
    const known = this.texts.get(choice);
    if (known) return known;
    const made = new StreamedText();
    this.texts.set(choice, made);
    return made;
  }

  private readPart(part: JsonObject, choice: number, events: ChatEvent[]): void {
    const value = signatureOf(part);
    const signature = value === undefined ? undefined : { value };
    if (part.thought === true && typeof part.text === 'string') {
      if (part.text !== '') events.push({ type: 'reasoning', choice, text: part.text, summary: true });
      if (signature) events.push({ type: 'reasoning_state', choice, signature });
      return;
    }
    if (isObject(part.functionCall) && this.readPartial(part.functionCall, choice, signature, events)) return;
    const call = this.calls.get(choice) ?? 0;
    const called = readCall(part, this.answerId, `${choice}_${call}`, this.names);
    if (called) {
      const { arguments: text, ...named } = called;
      this.calls.set(choice, call + 1);
      events.push({ type: 'tool_call', choice, call, ...named, ...(signature && { signature }) });
      events.push({ type: 'tool_arguments', choice, call, text });
      return;
    }
    if (part.text !== '' || signature) this.closeCall(choice, events);
    // An empty reasoning part of its own: it belongs to what comes next.
    if (signature) events.push({ type: 'part_end', choice }, { type: 'reasoning_state', choice, signature });
    if (typeof part.text === 'string') {
      if (part.text !== '') events.push({ type: 'text', choice, text: part.text });
      return;
    }
    // A picture inside of a thought is a draft, and not the answer's.
    const media = part.thought === true ? undefined : readMedia(part);
    if (media) events.push({ type: 'media', choice, part: media });
    else {
      const { thoughtSignature: _told, ...original } = part;
      events.push({ type: 'other', original: { wire: WIRE, value: { index: choice, part: original } } });
    }
  }

  /** A call whose arguments come in parts: it begins with a name and ends where it does not say that it goes on. */
  private readPartial(
    called: JsonObject,
    choice: number,
    signature: Opaque | undefined,
    events: ChatEvent[],
  ): boolean {
    const begins = typeof called.name === 'string';
    const { partialArgs: list, willContinue } = called;
    if (begins) {
      this.closeCall(choice, events);
      if (willContinue !== true && !Array.isArray(list)) return false;
      const call = this.calls.get(choice) ?? 0;
      const started = readCall({ functionCall: called }, this.answerId, `${choice}_${call}`, this.names);
      if (!started) return false;
      const { arguments: _come, ...named } = started;
      this.calls.set(choice, call + 1);
      this.open.set(choice, { call, parts: new PartialArguments() });
      events.push({ type: 'tool_call', choice, call, ...named, ...(signature && { signature }) });
    }
    const open = this.open.get(choice);
    // The end of a call that was over already.
    if (!open) return Object.keys(called).length === 0;
    for (const one of Array.isArray(list) ? list : []) open.parts.add(one);
    if (willContinue !== true) this.closeCall(choice, events);
    return true;
  }

  private closeCall(choice: number, events: ChatEvent[]): void {
    const open = this.open.get(choice);
    if (!open) return;
    this.open.delete(choice);
    events.push({ type: 'tool_arguments', choice, call: open.call, text: open.parts.text() });
  }
}
