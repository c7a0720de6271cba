import { addTokens, type Outcome, type TokenCounts, type UsageErrorCode } from '@bonito/protocol';
import type { ChatAnswer } from '../chat/chat-answer.ts';
import type { ChatEvent } from '../chat/chat-event.ts';
import type { ProviderError } from '../chat/provider-error.ts';
import type { Credential } from '../providers/provider-kind.ts';
import { type AttemptFailure, withoutSecrets } from '../reliability/attempt-failure.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import type { ChatEventWriter } from '../surfaces/chat-surface.ts';
import { Attempt, type AttemptOwner } from './attempt.ts';
import type { AttemptOutputs } from './choose-reader.ts';
import { writeTranslatedAnswer } from './read-whole-answer.ts';
import type { Cancellable, EndReason } from './request-context.ts';
import { secretsOf } from './secrets-of.ts';
import type { StreamSink } from './stream-sink.ts';
import type { TranslateWay } from './way.ts';
import type { Usage, WholeAnswer, WholeSink } from './whole-reader.ts';

/**
 * Several answers from a provider that gives one for each call: as many calls at the same time, which the client sees as
 * one answer with several choices. They succeed together or fail together.
 */
export class ChoiceFanOut implements Cancellable {
  readonly owner: AttemptOwner;
  readonly way: TranslateWay;
  private readonly target: CompiledTarget;
  private readonly members: Member[];
  private readonly attempts: Attempt[];
  private readonly secrets: readonly string[];
  private running: number;
  private failure: AttemptFailure | undefined;
  /** How the first call ended that did not succeed: that is how all of it ends. */
  private firstEnd: { outcome: Outcome; errorCode: UsageErrorCode | null } | undefined;
  private cancelReason: EndReason = 'client_closed';
  private reported = false;
  /** Goes on with the calls that the client was too slow for; the client's answer keeps one function alone. */
  private paused: (() => void)[] = [];
  private readonly resumeAll = () => {
    for (const resume of this.paused.splice(0)) resume();
  };
  private stream: StreamSink | undefined;
  private writer: ChatEventWriter | undefined;
  private whole: WholeSink | undefined;
  private committed = false;
  private started = false;
  /** The client has its end, good or bad. */
  private over = false;
  private finished = 0;

  /** @throws GatewayError when the request cannot be written for the target */
  constructor(
    owner: AttemptOwner,
    target: CompiledTarget,
    way: TranslateWay,
    credential: Credential,
    choices: number,
  ) {
    this.owner = owner;
    this.way = way;
    this.target = target;
    this.secrets = secretsOf(credential);
    this.running = choices;
    this.members = Array.from({ length: choices }, (_, index) => new Member(this, index));
    this.attempts = this.members.map((member) => new Attempt(member, target, way, credential, member));
  }

  send(): void {
    for (const attempt of this.attempts) attempt.send();
  }

  cancel(reason: EndReason): void {
    this.cancelReason = reason;
    this.cancelRest();
  }

  /** One call was entered. Cancelling the others comes back to here before it returns. */
  memberEnded(failure: AttemptFailure | undefined): void {
    const { context } = this.owner;
    this.running--;
    if (context.outcome !== 'success' && !this.firstEnd) {
      this.firstEnd = { outcome: context.outcome, errorCode: context.errorCode };
      this.failure = failure;
      if (failure && this.committed) this.endWithFailure(withoutSecrets(failure, this.secrets));
      this.cancelRest();
    }
    if (this.running > 0 || this.reported) return;
    this.reported = true;
    Object.assign(context, this.firstEnd);
    this.owner.attemptEnded(this.target, this.committed ? undefined : this.failure);
  }

  // The members' view of the one answer.

  useStream(make: () => StreamSink): void {
    this.stream ??= make();
  }

  useWriter(make: () => ChatEventWriter): void {
    this.writer ??= make();
  }

  useWhole(make: () => WholeSink): void {
    this.whole ??= make();
  }

  get open(): boolean {
    return this.stream?.open ?? false;
  }

  get dropped(): readonly string[] {
    return this.writer?.dropped ?? [];
  }

  commit(): void {
    if (this.committed) return;
    this.committed = true;
    this.stream?.commit();
  }

  writeBytes(bytes: Buffer, resume: () => void): boolean {
    if (this.over || !this.stream || this.stream.write(bytes, this.resumeAll)) return true;
    this.paused.push(resume);
    return false;
  }

  writeEvent(index: number, event: ChatEvent): Buffer | undefined {
    if (event.type === 'start') {
      if (this.started) return undefined;
      this.started = true;
      return this.writer?.write(event);
    }
    // Figures are told once, when all are known.
    if (event.type === 'usage') return undefined;
    return this.writer?.write('choice' in event ? { ...event, choice: index } : event);
  }

  /** What follows the last event of one member: nothing, but after the last member. */
  endOfMember(): Buffer | undefined {
    if (++this.finished < this.members.length) return undefined;
    const counts = addTokens(...this.members.map(({ counts: one }) => one ?? {}));
    const original = { wire: this.way.dialect.wire, value: undefined };
    const pieces = [
      this.writer?.write({ type: 'usage', usage: { counts, original } }),
      this.writer?.end(),
    ].filter((piece) => piece !== undefined);
    return Buffer.concat(pieces);
  }

  endStream(): void {
    if (this.finished === this.members.length) this.close(() => this.stream?.end());
  }

  endWithError(code: UsageErrorCode): void {
    this.close(() => this.stream?.endWithError(code));
  }

  endWithProviderError(error: ProviderError): void {
    this.close(() => this.stream?.endWithProviderError(error));
  }

  /** One call failed before anything of it was seen, while the client sees others. */
  private endWithFailure({ error, code }: AttemptFailure): void {
    if (error) this.endWithProviderError(error);
    else this.endWithError(code);
  }

  /** One whole answer is there; with the last one the client gets all of them as one. */
  wholeArrived(): void {
    if (++this.finished < this.members.length) return;
    const answers = this.members.flatMap(({ answer }) => (answer ? [answer] : []));
    const merged = mergeAnswers(answers);
    if (!merged) return;
    this.committed = true;
    const written = writeTranslatedAnswer(merged, this.owner.context, this.way);
    this.whole?.send(written, {
      tokens: written.tokens ?? {},
      quality: written.tokens ? 'exact' : 'estimated',
    });
  }

  private close(end: () => void): void {
    if (this.over) return;
    this.over = true;
    end();
  }

  private cancelRest(): void {
    for (const attempt of this.attempts) attempt.cancel(this.cancelReason);
  }
}

/** One of the calls, and what its attempt writes to. */
class Member implements AttemptOwner, AttemptOutputs {
  readonly index: number;
  answer: ChatAnswer | undefined;
  counts: TokenCounts | undefined;
  private readonly fan: ChoiceFanOut;

  constructor(fan: ChoiceFanOut, index: number) {
    this.fan = fan;
    this.index = index;
  }

  get context() {
    return this.fan.owner.context;
  }

  get parsed() {
    return this.fan.owner.parsed;
  }

  get keepAlive() {
    return this.fan.owner.keepAlive;
  }

  attemptEnded(_target: CompiledTarget, failure: AttemptFailure | undefined): void {
    this.fan.memberEnded(failure);
  }

  stream(make: () => StreamSink): StreamSink {
    const { fan } = this;
    fan.useStream(make);
    return {
      commit: () => fan.commit(),
      get open() {
        return fan.open;
      },
      write: (bytes, resume) => fan.writeBytes(bytes, resume),
      end: () => fan.endStream(),
      endWithError: (code) => fan.endWithError(code),
      endWithProviderError: (error) => fan.endWithProviderError(error),
    };
  }

  writer(make: () => ChatEventWriter): ChatEventWriter {
    const { fan, index } = this;
    fan.useWriter(make);
    return {
      write: (event) => {
        if (event.type === 'usage') this.counts = event.usage.counts;
        return fan.writeEvent(index, event);
      },
      end: () => fan.endOfMember(),
      get dropped() {
        return fan.dropped;
      },
    };
  }

  whole(make: () => WholeSink): WholeSink {
    this.fan.useWhole(make);
    const nothing = () => {};
    return {
      send: (_answer: WholeAnswer, _usage: Usage) => this.fan.wholeArrived(),
      startPieces: nothing,
      write: () => true,
      endPieces: nothing,
      breakOff: nothing,
    };
  }

  /** Keeps the answer until all are there. */
  readAnswer(answer: ChatAnswer): WholeAnswer {
    this.answer = answer;
    return { body: Buffer.alloc(0), tokens: answer.usage?.counts, dropped: [] };
  }
}

/** Several answers of one choice each as one answer. Figures are given only if all gave some. */
function mergeAnswers(answers: readonly ChatAnswer[]): ChatAnswer | undefined {
  const [first] = answers;
  if (!first) return undefined;
  const choices = answers.flatMap(({ choices: [choice] }, index) => (choice ? [{ ...choice, index }] : []));
  const usages = answers.flatMap(({ usage }) => (usage ? [usage.counts] : []));
  const usage =
    usages.length === answers.length && first.usage
      ? { counts: addTokens(...usages), original: { ...first.usage.original, value: undefined } }
      : undefined;
  return { ...first, choices, usage };
}
