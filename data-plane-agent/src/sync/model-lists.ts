import type { ListPermission } from '@bonito/protocol';
import { isObject, type JsonObject } from '../gateway/chat/wire.ts';
import { usesDeploymentPaths } from '../gateway/providers/azure-openai/azure-address.ts';
import type { CompiledProvider } from '../gateway/snapshot/snapshot.ts';

/** One list of a provider's models: how a page of it is asked for, and how it is read. */
export interface ModelList {
  /** What it needs, in the provider's own words; undefined where permissions have no names. */
  readonly permission: ListPermission | undefined;
  /** The provider answers without it too: an account that may not see this list is not a broken one. */
  readonly optional?: boolean;
  /** Where it names anything, the lists behind it are not asked. */
  readonly enough?: boolean;
  /** Where the host differs from the one for calls. */
  readonly origin?: string;
  /** The path on the host, with its query. */
  path(page: string | undefined): string;
  /** Names in lower case and values by turns. */
  readonly headers?: readonly string[];
  /** The names as deployments call them. */
  names(body: JsonObject): unknown[];
  /** What asks for the next page; undefined after the last. */
  next?(body: JsonObject): unknown;
}

/** The lists of a kind of provider; undefined for a kind that has none. */
export function modelLists(provider: CompiledProvider): readonly ModelList[] | undefined {
  const { kind } = provider.config;
  return Object.hasOwn(BY_KIND, kind) ? BY_KIND[kind]?.(provider) : undefined;
}

const VERSIONED = /\/v\d[a-z0-9]*$/;

const BY_KIND: Readonly<Record<string, (provider: CompiledProvider) => readonly ModelList[]>> = {
  openai: openAi,
  'openai-compatible': (provider) => openAi(provider).map((list) => ({ ...list, permission: undefined })),
  'azure-openai': azure,
  anthropic,
  gemini,
  cohere,
  bedrock,
  vertex,
};

/** https://platform.openai.com/docs/api-reference/models/list */
function openAi({ basePath }: CompiledProvider): ModelList[] {
  return [{ permission: 'api.model.read', path: () => `${basePath}/models`, names: field('data', 'id') }];
}

/**
 * What is called at Azure are deployments. Their list is in the last version of the API that had one beside its models; newer
 * ones leave it to Azure's management, whose credentials this agent has not. Where a resource does not answer it any more, its
 * base models are listed, deployed or not.
 *
 * @see https://learn.microsoft.com/rest/api/cognitiveservices/azureopenaistable/deployments/list
 * @see https://learn.microsoft.com/rest/api/azureopenai/models/list
 */
function azure(provider: CompiledProvider): ModelList[] {
  const { basePath, config } = provider;
  const newer = config.api_version === undefined || config.api_version === 'v1' ? '' : config.api_version;
  const root = basePath.replace(/\/openai(\/v1)?$/, '');
  const path = usesDeploymentPaths(provider)
    ? `${root}/openai/models?api-version=${config.api_version}`
    : `${root}/openai/v1/models${newer && `?api-version=${newer}`}`;
  const permission = 'Cognitive Services OpenAI User';
  return [
    {
      permission,
      optional: true,
      enough: true,
      path: () => `${root}/openai/deployments?api-version=2022-12-01`,
      names: (body) =>
        objects(body, 'data')
          .filter(({ status }) => status === undefined || status === 'succeeded')
          .map(({ id }) => id),
    },
    { permission, path: () => path, names: field('data', 'id') },
  ];
}

/** https://docs.anthropic.com/en/api/models-list */
function anthropic({ basePath }: CompiledProvider): ModelList[] {
  const path = `${basePath.endsWith('/v1') ? basePath : `${basePath}/v1`}/models?limit=1000`;
  return [
    {
      permission: undefined,
      path: (page) => path + query('&after_id', page),
      headers: ['anthropic-version', '2023-06-01'],
      names: field('data', 'id'),
      next: (body) => (body.has_more === true ? body.last_id : undefined),
    },
  ];
}

/** https://ai.google.dev/api/models#method:-models.list */
function gemini({ basePath }: CompiledProvider): ModelList[] {
  const path = `${VERSIONED.test(basePath) ? basePath : `${basePath}/v1beta`}/models?pageSize=1000`;
  return [
    {
      permission: undefined,
      path: (page) => path + query('&pageToken', page),
      names: (body) => googleNames(body, 'models').map((name) => String(name).replace(/^models\//, '')),
      next: (body) => body.nextPageToken,
    },
  ];
}

/** https://docs.cohere.com/reference/list-models */
function cohere({ basePath }: CompiledProvider): ModelList[] {
  const path = `${basePath.replace(VERSIONED, '')}/v1/models?page_size=1000`;
  return [
    {
      permission: undefined,
      path: (page) => path + query('&page_token', page),
      names: field('models', 'name'),
      next: (body) => body.next_page_token,
    },
  ];
}

/**
 * Models come from Bedrock's control host, also where calls go to its runtime host.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListInferenceProfiles.html
 */
function bedrock({ origin, basePath }: CompiledProvider): ModelList[] {
  const host = origin.replace(/\/\/bedrock-runtime(-fips)?\./, '//bedrock$1.');
  const profiles = `${basePath}/inference-profiles?maxResults=1000`;
  return [
    {
      permission: 'bedrock:ListFoundationModels',
      origin: host,
      path: () => `${basePath}/foundation-models`,
      names: (body) =>
        objects(body, 'modelSummaries')
          .filter(isCallableById)
          .map(({ modelId }) => modelId),
    },
    {
      permission: 'bedrock:ListInferenceProfiles',
      optional: true,
      origin: host,
      path: (page) => profiles + query('&nextToken', page),
      names: (body) => objects(body, 'inferenceProfileSummaries').map(profileName),
      next: (body) => body.nextToken,
    },
  ];
}

/** Some models are there for inference profiles or for provisioned throughput alone: their id is refused in calls. */
function isCallableById({ inferenceTypesSupported: types }: JsonObject): boolean {
  return !Array.isArray(types) || types.length === 0 || types.includes('ON_DEMAND');
}

/** Profiles of the account itself are called by their ARN. */
function profileName({ type, inferenceProfileArn, inferenceProfileId }: JsonObject): unknown {
  return type === 'APPLICATION' ? inferenceProfileArn : inferenceProfileId;
}

const PUBLISHERS = ['google', 'anthropic', 'meta', 'mistralai', 'deepseek-ai', 'qwen', 'openai'];
/** Called by their bare name; all others as `publisher/model`. */
const OWN_WIRE: ReadonlySet<string> = new Set(['google', 'anthropic']);

/** https://cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/publishers.models/list */
function vertex({ basePath, config }: CompiledProvider): ModelList[] {
  const root = `${basePath.replace(VERSIONED, '')}/v1beta1/publishers`;
  return PUBLISHERS.map((publisher) => ({
    permission: 'roles/aiplatform.user',
    optional: publisher !== 'google',
    path: (page) => `${root}/${publisher}/models?pageSize=1000${query('&pageToken', page)}`,
    ...(config.project && { headers: ['x-goog-user-project', config.project] }),
    names: (body) =>
      googleNames(body, 'publisherModels').map((name) => {
        const model = String(name).slice(String(name).lastIndexOf('/') + 1);
        return OWN_WIRE.has(publisher) ? model : `${publisher}/${model}`;
      }),
    next: (body) => body.nextPageToken,
  }));
}

function query(name: string, value: string | undefined): string {
  return value === undefined ? '' : `${name}=${encodeURIComponent(value)}`;
}

/** Google leaves an empty list out of its answer. */
function googleNames(body: JsonObject, list: string): unknown[] {
  return body[list] === undefined ? [] : field(list, 'name')(body);
}

/** Reads one field of every object in a list; throws where there is no such list. */
function field(list: string, name: string): (body: JsonObject) => unknown[] {
  return (body) => objects(body, list).map((item) => item[name]);
}

function objects(body: JsonObject, list: string): JsonObject[] {
  const items = body[list];
  if (!Array.isArray(items)) throw new SyntaxError(`the answer has no list "${list}"`);
  return items.map((item: unknown) => (isObject(item) ? item : {}));
}
