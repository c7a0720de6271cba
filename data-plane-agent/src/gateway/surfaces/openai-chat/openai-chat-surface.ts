import type { ChatEvent } from '../../chat/chat-event.ts';
import { customToolNames } from '../../chat/custom-tools.ts';
import type { ChatEventWriter, ChatSurface } from '../chat-surface.ts';
import { ChunkWriter } from './chunk-writer.ts';
import { openAiErrors } from './openai-errors.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer } from './write-answer.ts';

const DONE = Buffer.from('data: [DONE]\n\n');

/** `POST /v1/chat/completions`. */
export const openAiChatSurface: ChatSurface = {
  wire: 'openai-chat',
  readRequest: (body) => readRequest(body),
  writeAnswer: (answer, request) => writeAnswer(answer, customToolNames(request), request.olderFunctions),
  eventWriter: (request) =>
    new ChunkEventWriter(
      new ChunkWriter(request.includeUsage, customToolNames(request), request.olderFunctions),
    ),
  errors: openAiErrors,
};

/** Chunks as the events of a stream. Figures wait for its end: OpenAI tells them once, in the last chunk. */
class ChunkEventWriter implements ChatEventWriter {
  private readonly chunks: ChunkWriter;
  private usage: ChatEvent | undefined;

  constructor(chunks: ChunkWriter) {
    this.chunks = chunks;
  }

  get dropped(): readonly string[] {
    return this.chunks.dropped;
  }

  write(event: ChatEvent): Buffer | undefined {
    if (event.type === 'usage') {
      this.usage = event;
      return undefined;
    }
    const frame = event.type === 'text' ? this.chunks.textFrame(event) : undefined;
    return frame === undefined ? asEvents(this.chunks.write(event)) : Buffer.from(frame);
  }

  end(): Buffer {
    const usage = this.usage && asEvents(this.chunks.write(this.usage));
    return usage ? Buffer.concat([usage, DONE]) : DONE;
  }
}

function asEvents(chunks: readonly unknown[]): Buffer | undefined {
  const [first] = chunks;
  if (first === undefined) return undefined;
  if (chunks.length === 1) return Buffer.from(`data: ${JSON.stringify(first)}\n\n`);
  return Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
}
