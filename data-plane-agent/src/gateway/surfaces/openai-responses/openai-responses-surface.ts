import type { ChatSurface } from '../chat-surface.ts';
import { readRequest } from './read-request.ts';
import { ResponseEventWriter } from './response-event-writer.ts';
import { responsesErrors } from './responses-errors.ts';
import { writeAnswer } from './write-answer.ts';

/** `POST /v1/responses`, for providers that have it not: nothing is kept between requests. */
export const openAiResponsesSurface: ChatSurface = {
  wire: 'openai-responses',
  readRequest: (body) => readRequest(body),
  writeAnswer,
  eventWriter: (request) => new ResponseEventWriter(request),
  errors: responsesErrors,
};
