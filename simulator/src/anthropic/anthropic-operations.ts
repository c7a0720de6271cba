import type { ServerResponse } from 'node:http';
import { listedModels } from '../faults/plan-behaviour.ts';
import { sendJson } from '../serving/send-json.ts';
import type { FindOperation } from '../serving/wire.ts';
import { AnthropicError } from './anthropic-error.ts';
import { anthropicWire } from './anthropic-wire.ts';
import { countMessages, messages } from './messages.ts';

/** Anthropic's own API. */
export const findAnthropicOperation: FindOperation = (pathname) => {
  if (pathname === '/v1/messages') return { wire: anthropicWire, surface: (request) => messages(request) };
  if (pathname === '/v1/messages/count_tokens')
    return { wire: anthropicWire, surface: countMessages, stream: false };
  return undefined;
};

/** Answers `GET /v1/models` in Anthropic's shape. Throws `AnthropicError` 404 for a model that is not listed. */
export function answerAnthropicModels(pathname: string, response: ServerResponse): void {
  const data = listedModels.map((id) => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2023-11-14T22:13:20Z',
  }));
  const id = decodeURIComponent(pathname.slice('/v1/models/'.length));
  if (id === '') {
    sendJson(response, { data, has_more: false, first_id: data[0]?.id, last_id: data.at(-1)?.id });
    return;
  }
  const model = data.find((candidate) => candidate.id === id);
  if (!model) throw new AnthropicError(404, `model: ${id}`);
  sendJson(response, model);
}
