import type { ServerResponse } from 'node:http';
import { listedModels } from '../faults/plan-behaviour.ts';
import { sendJson } from '../serving/send-json.ts';
import { CohereError } from './cohere-wire.ts';

/** Fewer than a caller may ask for, so that there is more than one page. */
const modelsInPage = 2;
const mostInPage = 1000;

const models = listedModels.map((name) => {
  const embeds = name.includes('embedding');
  return {
    name,
    is_deprecated: false,
    endpoints: embeds ? ['embed'] : ['chat'],
    finetuned: false,
    context_length: embeds ? 512 : 288_000,
    tokenizer_url: null,
    default_endpoints: [],
    features: embeds ? null : ['json_mode', 'json_schema', 'safety_modes', 'strict_tools', 'tools'],
  };
});

/** Whether a request for `/v1/models`, which is OpenAI's path too, is one of Cohere's: its client names the page's size. */
export function isCohereModelList({ pathname, searchParams }: URL): boolean {
  return pathname === '/v1/models' && (searchParams.has('page_size') || searchParams.has('endpoint'));
}

/**
 * Answers the list of models, which has pages.
 *
 * @see https://docs.cohere.com/reference/list-models
 */
export function answerCohereModels({ searchParams }: URL, response: ServerResponse): void {
  const wanted = Number(searchParams.get('page_size') ?? 20);
  if (!(wanted >= 1 && wanted <= mostInPage))
    throw new CohereError(400, `invalid request: page_size must be between 1 and ${mostInPage}`);
  const token = searchParams.get('page_token');
  const start = token === null ? 0 : Number(/^p\+(\d+)=$/.exec(token)?.[1] ?? Number.NaN);
  if (Number.isNaN(start)) throw new CohereError(400, 'invalid request: page_token is invalid');
  const end = start + Math.min(wanted, modelsInPage);
  const endpoint = searchParams.get('endpoint');
  const found = models.filter(({ endpoints }) => endpoint === null || endpoints.includes(endpoint));
  sendJson(response, {
    models: found.slice(start, end),
    ...(end < found.length && { next_page_token: `p+${end}=` }),
  });
}
