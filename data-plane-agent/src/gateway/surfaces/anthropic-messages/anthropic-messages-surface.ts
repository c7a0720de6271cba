import type { ChatSurface } from '../chat-surface.ts';
import { anthropicErrors } from './anthropic-errors.ts';
import { MessageEventWriter } from './message-event-writer.ts';
import { readRequest } from './read-request.ts';
import { writeAnswer } from './write-answer.ts';

/** `POST /v1/messages`. */
export const anthropicMessagesSurface: ChatSurface = {
  wire: 'anthropic-messages',
  readRequest,
  writeAnswer: (answer) => writeAnswer(answer),
  eventWriter: () => new MessageEventWriter(),
  errors: anthropicErrors,
};
