import type { ProviderPreset } from '@bonito/protocol';
import type { ChatEvent } from '../../chat/chat-event.ts';
import { isObject } from '../../chat/wire.ts';
import type { StreamFrame } from '../../framing/stream-frame.ts';
import { readOpenAiUsage } from '../../metering/read-openai-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { MalformedAnswerError } from '../malformed-answer-error.ts';
import type { CallAddress, ChatDialect, ChatEventReader, ErrorAnswer } from '../provider-kind.ts';
import { ChatPassMeter } from './chat-pass-meter.ts';
import { errorEvent } from './chunk-errors.ts';
import { ChunkReader } from './chunk-reader.ts';
import { passEdits } from './pass-edits.ts';
import { readAnswer } from './read-answer.ts';
import { readError } from './read-error.ts';
import { serverTraits } from './server-traits.ts';
import { changedToolNames } from './tool-names.ts';
import { writeRequest } from './write-request.ts';

/** Where and how a host serves OpenAI's chat wire. */
export interface OpenAiChatHost {
  readonly preset: ProviderPreset;
  address(target: CompiledTarget, stream: boolean): CallAddress;
  /** The model's name in the body, where it is not the deployment's own. */
  readonly modelName?: ((target: CompiledTarget) => string) | undefined;
  readonly readError?: ((answer: ErrorAnswer) => ReturnType<typeof readError>) | undefined;
}

/** OpenAI's chat as one host serves it. Made once for each host, not for each call. */
export function openAiChatDialect(host: OpenAiChatHost): ChatDialect {
  const server = serverTraits(host.preset);
  const modelOf = host.modelName ?? ((target: CompiledTarget) => target.deployment.upstream_model);
  const lacksUsage = (target: CompiledTarget) =>
    target.provider.config.stream_options === false || server.lacks.has('stream_options');
  return {
    wire: 'openai-chat',
    framing: 'sse',
    takesMediaUrls: server.mediaUrls,
    takesChoices: !server.lacks.has('n'),
    address: host.address,
    writeRequest: (request, target) => {
      const written = writeRequest(request, modelOf(target), server);
      if (!lacksUsage(target) || written.value.stream_options === undefined) return written;
      const { stream_options: _refused, ...value } = written.value;
      return { value, dropped: written.dropped };
    },
    readAnswer: (body, request) => readAnswer(body, changedToolNames(request)),
    eventReader: (request) =>
      new OpenAiEventReader(new ChunkReader(changedToolNames(request)), server.sendsDone),
    readError: host.readError ?? readError,
    pass: (input, target) => passEdits(input, modelOf(target), server, lacksUsage(target)),
    readUsage: (body) => readOpenAiUsage(body.usage),
    passMeter: (hideUsage) => new ChatPassMeter(hideUsage, server.sendsDone),
  };
}

/** The events of one stream. */
class OpenAiEventReader implements ChatEventReader {
  private readonly chunks: ChunkReader;
  private readonly sendsDone: boolean;

  constructor(chunks: ChunkReader, sendsDone: boolean) {
    this.chunks = chunks;
    this.sendsDone = sendsDone;
  }

  read({ event, data }: StreamFrame): ChatEvent[] {
    if (data.length === 0) return [];
    const text = data.toString();
    if (text.trim() === '[DONE]') return [...this.chunks.finish(), { type: 'end' }];
    let chunk: unknown;
    try {
      chunk = JSON.parse(text);
    } catch {
      if (event === 'error') return [errorEvent(text)];
      throw new MalformedAnswerError('a chunk');
    }
    if (event === 'error') return [errorEvent((isObject(chunk) ? chunk.error : undefined) ?? chunk)];
    return this.chunks.read(chunk);
  }

  end(): ChatEvent[] {
    return !this.sendsDone && this.chunks.stopped ? [{ type: 'end' }] : [];
  }
}
