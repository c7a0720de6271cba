import type { ServerResponse } from 'node:http';
import { listedModels } from '../faults/plan-behaviour.ts';
import { sendJson } from '../serving/send-json.ts';
import { OpenAiError } from './openai-error.ts';

/** Answers `GET /v1/models` and `GET /v1/models/{model}`. Throws `OpenAiError` 404 for a model that is not listed. */
export function answerModels(pathname: string, response: ServerResponse): void {
  const data = listedModels.map((id) => ({
    id,
    object: 'model',
    created: 1_700_000_000,
    owned_by: 'bonito-simulator',
  }));
  const id = decodeURIComponent(pathname.slice('/v1/models/'.length));
  if (id === '') {
    sendJson(response, { object: 'list', data });
    return;
  }
  const model = data.find((candidate) => candidate.id === id);
  if (!model) throw new OpenAiError(404, `The model '${id}' does not exist.`, { param: 'model' });
  sendJson(response, model);
}
