import type { ChatAnswer, ChatStop } from '../../../chat/chat-answer.ts';
import type { ChatEvent, StopEvent } from '../../../chat/chat-event.ts';
import type { ChatRequest } from '../../../chat/chat-request.ts';
import type { Written } from '../../../chat/dropped-fields.ts';
import type { JsonObject } from '../../../chat/wire.ts';
import type { StreamFrame } from '../../../framing/stream-frame.ts';
import type { CompiledTarget } from '../../../snapshot/snapshot.ts';
import { fitToHost } from '../../anthropic-compatible/fit-to-host.ts';
import type { ChatDialect, ChatEventReader, PassEdits, PassInput } from '../../provider-kind.ts';
import { readError, readException } from '../read-error.ts';
import { bedrockLimits } from './claude-betas.ts';
import { invokeAddress, invokeHeaders } from './invoke-dialect.ts';
import { unwrapClaudeEvent } from './unwrap-claude-event.ts';

const VERSION = 'bedrock-2023-05-31';

/**
 * Claude by InvokeModel: Anthropic's own body without the model and `stream`, which the path says, with the version in
 * place of the header, and Anthropic's own events in Bedrock's frames.
 *
 * @param claude Anthropic's wire as its own host serves it
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
 */
export function claudeByInvoke(claude: ChatDialect): ChatDialect {
  return {
    wire: 'anthropic-messages',
    framing: 'aws',
    takesMediaUrls: false,
    foreignErrors: true,
    takesChoices: claude.takesChoices,
    unwrap: unwrapClaudeEvent,
    address: invokeAddress,
    pass,
    readUsage: (body) => claude.readUsage(body),
    passMeter: (hideUsage) => claude.passMeter(hideUsage),
    readError,
    writeRequest: (request, target) => write(claude, request, target),
    readAnswer: (body, request) => judgeAnswer(claude.readAnswer(body, request), body),
    eventReader: (request) => new ClaudeEventReader(claude.eventReader(request)),
  };
}

function pass(input: PassInput, { deployment }: CompiledTarget): PassEdits {
  const { body } = input;
  const fitted = fitToHost(body, input.header('anthropic-beta'), bedrockLimits(deployment.upstream_model));
  const edits: Record<string, unknown> = { anthropic_version: VERSION, ...fitted.edits };
  for (const name of ['model', 'stream']) if (body[name] !== undefined) edits[name] = undefined;
  if (fitted.betas.length > 0) edits.anthropic_beta = fitted.betas;
  else if (body.anthropic_beta !== undefined) edits.anthropic_beta = undefined;
  return { edits, dropped: fitted.dropped, headers: invokeHeaders(input) };
}

function write(claude: ChatDialect, request: ChatRequest, target: CompiledTarget): Written<JsonObject> {
  const written = claude.writeRequest(request, target);
  const { model: _model, stream: _stream, ...value } = written.value;
  const { edits, betas, dropped } = fitToHost(
    value,
    undefined,
    bedrockLimits(target.deployment.upstream_model),
  );
  const { anthropic_beta: _inBody, ...fitted } = { ...value, ...edits };
  const kept = Object.entries(fitted).filter(([, member]) => member !== undefined);
  return {
    value: {
      anthropic_version: VERSION,
      ...(betas.length > 0 && { anthropic_beta: betas }),
      ...Object.fromEntries(kept),
    },
    dropped: [...written.dropped, ...dropped],
  };
}

/** What a guardrail did stands beside Claude's own members, whose reason to stop stays what it was. */
const ACTION = 'amazon-bedrock-guardrailAction';
const INTERVENED = Buffer.from(`"${ACTION}":"INTERVENED"`);

function judgeAnswer(answer: ChatAnswer, body: JsonObject): ChatAnswer {
  const intervened = body[ACTION] === 'INTERVENED';
  const choices = answer.choices.map((choice) =>
    choice.stop ? { ...choice, stop: judgeStop(choice.stop, intervened) } : choice,
  );
  return { ...answer, choices };
}

function judgeStop(stop: ChatStop, intervened: boolean): ChatStop {
  const said = stop.original.value === 'guardrail_intervened';
  return said || (intervened && stop.reason === 'end') ? { ...stop, reason: 'content_filter' } : stop;
}

/**
 * Takes Anthropic's events out of the frames; Bedrock's own exceptions are read as what they are. A stop waits for the frame
 * behind it, which may be the one that says what a guardrail did.
 */
class ClaudeEventReader implements ChatEventReader {
  readonly #claude: ChatEventReader;
  #stop: StopEvent | undefined;
  #intervened = false;

  constructor(claude: ChatEventReader) {
    this.#claude = claude;
  }

  read(frame: StreamFrame): ChatEvent[] {
    if (frame.exception) {
      const value = { [frame.event ?? 'exception']: frame.data.toString('utf8') };
      const original = { wire: 'anthropic-messages', value } as const;
      return this.#release([{ type: 'error', error: readException(frame.event, frame.data), original }]);
    }
    const event = unwrapClaudeEvent(frame);
    if (!event) return [];
    this.#intervened ||= event.data.includes(INTERVENED);
    const events = this.#release(this.#claude.read(event));
    const last = events.at(-1);
    if (last?.type !== 'stop') return events;
    this.#stop = last;
    return events.slice(0, -1);
  }

  end(): ChatEvent[] {
    return this.#release(this.#claude.end());
  }

  #release(events: ChatEvent[]): ChatEvent[] {
    const held = this.#stop;
    if (held === undefined) return events;
    this.#stop = undefined;
    return [{ ...held, stop: judgeStop(held.stop, this.#intervened) }, ...events];
  }
}
