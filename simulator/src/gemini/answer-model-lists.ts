import type { ServerResponse } from 'node:http';
import { listedModels } from '../faults/plan-behaviour.ts';
import { sendJson } from '../serving/send-json.ts';
import { GoogleError } from './google-error.ts';

/** Fewer than a caller may ask for, so that there is more than one page. */
const modelsInPage = 2;
const mostInPage = 1000;

const geminiModels = listedModels.map((id) => ({
  name: `models/${id}`,
  version: '001',
  displayName: id,
  description: 'A model of the simulator.',
  inputTokenLimit: 1_048_576,
  outputTokenLimit: 65_536,
  supportedGenerationMethods: id.includes('embedding')
    ? ['embedContent', 'countTokens']
    : ['generateContent', 'countTokens', 'createCachedContent', 'batchGenerateContent'],
  ...(!id.includes('embedding') && {
    temperature: 1,
    topP: 0.95,
    topK: 64,
    maxTemperature: 2,
    thinking: true,
  }),
}));

const publishers: Readonly<Record<string, readonly string[]>> = {
  google: ['gemini-sim', 'text-embedding-sim', 'imagen-sim'],
  anthropic: ['claude-sim'],
  mistralai: ['mistral-sim'],
  meta: ['llama-sim-maas'],
  // Known, and with nothing to show: Google leaves empty lists out.
  qwen: [],
};

const vertexPath = /^\/v1(?:beta1)?\/publishers\/([^/]+)\/models$/;

/** Which of Google's lists a path is. */
export function googleModelList(pathname: string): 'gemini' | 'vertex' | undefined {
  if (/^\/v1(?:beta|alpha)\/models$/.test(pathname)) return 'gemini';
  return vertexPath.test(pathname) ? 'vertex' : undefined;
}

/**
 * Answers the lists of the Gemini API and of Vertex AI's publishers, which have pages.
 *
 * @see https://ai.google.dev/api/models#method:-models.list
 * @see https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/publishers.models/list
 */
export function answerGoogleModels({ pathname, searchParams }: URL, response: ServerResponse): void {
  const [, publisher] = vertexPath.exec(pathname) ?? [];
  if (publisher === undefined) return sendPage(response, 'models', geminiModels, searchParams);
  const names = Object.hasOwn(publishers, publisher) ? publishers[publisher] : undefined;
  if (!names) throw new GoogleError(404, `Publisher ${publisher} is not found.`);
  const models = names.map((name) => ({
    name: `publishers/${publisher}/models/${name}`,
    versionId: '001',
    openSourceCategory: publisher === 'meta' ? 'THIRD_PARTY_OWNED_OSS' : 'PROPRIETARY',
    launchStage: 'GA',
    publisherModelTemplate: `projects/{project}/locations/{location}/publishers/${publisher}/models/${name}@001`,
  }));
  sendPage(response, 'publisherModels', models, searchParams);
}

function sendPage(
  response: ServerResponse,
  member: string,
  all: readonly object[],
  query: URLSearchParams,
): void {
  const token = query.get('pageToken');
  const wanted = Number(query.get('pageSize') ?? 50);
  const start = token === null ? 0 : Number(/^=(\d+)\/\+$/.exec(token)?.[1] ?? Number.NaN);
  if (!Number.isInteger(wanted) || wanted < 0) throw new GoogleError(400, 'Invalid page size.');
  if (Number.isNaN(start)) throw new GoogleError(400, 'The page token is invalid.');
  const end = start + Math.min(wanted || 50, mostInPage, modelsInPage);
  const page = all.slice(start, end);
  sendJson(response, {
    ...(page.length > 0 && { [member]: page }),
    ...(end < all.length && { nextPageToken: `=${end}/+` }),
  });
}
