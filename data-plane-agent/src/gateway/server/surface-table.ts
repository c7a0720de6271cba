import type { Capability, SurfaceName } from '@bonito/protocol';
import type { OperationWire } from '../chat/wire.ts';
import type { PipelineSurface } from '../pipeline/request-context.ts';
import type { Operation } from '../providers/provider-kind.ts';
import { anthropicMessagesSurface } from '../surfaces/anthropic-messages/anthropic-messages-surface.ts';
import { bedrockErrors } from '../surfaces/bedrock-native/bedrock-errors.ts';
import { googleErrors } from '../surfaces/gemini-native/google-errors.ts';
import { openAiChatSurface } from '../surfaces/openai-chat/openai-chat-surface.ts';
import { openAiErrors } from '../surfaces/openai-chat/openai-errors.ts';
import { openAiResponsesSurface } from '../surfaces/openai-responses/openai-responses-surface.ts';

/** A kind of generation request that clients may send, and one path where they send it. */
export interface Surface extends PipelineSurface {
  readonly capability: Capability;
  /** One parameter, `:model`, stands for what names the model. Query strings never count. */
  readonly path: string;
  /** The model's name in the parameter, where the path names the model. */
  readonly modelIn?: ((parameter: string) => string) | undefined;
}

type Variant = Omit<Surface, 'path' | 'modelIn'>;

const NO_CHAT = {
  wire: undefined,
  chat: undefined,
  operation: undefined,
  framing: 'sse',
  bodyKind: 'json',
} as const;

const OPENAI_CHAT: Variant = {
  ...NO_CHAT,
  name: 'openai-chat',
  capability: 'chat',
  wire: 'openai-chat',
  chat: openAiChatSurface,
  errors: openAiChatSurface.errors,
  streams: 'body',
  decides: ['model', 'stream', 'stream_options'],
};

const OPENAI_RESPONSES: Variant = {
  ...OPENAI_CHAT,
  name: 'openai-responses',
  wire: 'openai-responses',
  chat: openAiResponsesSurface,
  errors: openAiResponsesSurface.errors,
  decides: ['model', 'stream'],
};

const ANTHROPIC_MESSAGES: Variant = {
  ...NO_CHAT,
  name: 'anthropic-messages',
  capability: 'chat',
  wire: 'anthropic-messages',
  chat: anthropicMessagesSurface,
  errors: anthropicMessagesSurface.errors,
  streams: 'body',
  decides: ['model', 'stream'],
};

const COUNT_TOKENS: Variant = {
  ...ANTHROPIC_MESSAGES,
  name: 'anthropic-count-tokens',
  wire: 'anthropic-count-tokens',
  chat: undefined,
  operation: 'count_tokens',
  streams: 'never',
  decides: ['model'],
};

const CONVERSE: Variant = {
  ...NO_CHAT,
  name: 'bedrock-converse',
  capability: 'chat',
  wire: 'bedrock-converse',
  framing: 'aws',
  errors: bedrockErrors,
  streams: 'never',
  decides: [],
};

const INVOKE: Variant = { ...CONVERSE, name: 'bedrock-invoke', wire: 'bedrock-invoke' };

const GEMINI: Variant = {
  ...NO_CHAT,
  name: 'gemini-content',
  capability: 'chat',
  wire: 'gemini-content',
  errors: googleErrors,
  streams: 'never',
  decides: [],
};

/** Google's methods beside chat. */
const GOOGLE_COUNT: Variant = { ...GEMINI, wire: 'google-count-tokens', otherCapability: 'embeddings' };
const GOOGLE_EMBED: Variant = { ...GEMINI, wire: 'google-embed', capability: 'embeddings' };
const GOOGLE_BATCH_EMBED: Variant = { ...GOOGLE_EMBED, wire: 'google-batch-embed' };
/** Vectors or pictures, as the model is. */
const GOOGLE_PREDICT: Variant = {
  ...GOOGLE_EMBED,
  name: 'vertex-predict',
  wire: 'google-predict',
  otherCapability: 'images',
};

/** Mistral through Vertex's own path: its body, which names the model too. */
const MISTRAL_PREDICT: Variant = {
  ...NO_CHAT,
  name: 'vertex-predict',
  capability: 'chat',
  wire: 'mistral-predict',
  errors: openAiErrors,
  streams: 'never',
  decides: [],
};

/** Claude through Vertex's own path: Anthropic's wire, with the model in the path. */
const VERTEX_PREDICT: Variant = {
  ...ANTHROPIC_MESSAGES,
  name: 'vertex-predict',
  streams: 'never',
  decides: [],
};

/** A request other than chat, in OpenAI's form. */
function operation(
  path: string,
  wire: OperationWire,
  name: SurfaceName,
  capability: Capability,
  more: Partial<Variant> = {},
): Surface[] {
  const operationName = OPERATION_OF[wire];
  const variant: Variant = {
    ...NO_CHAT,
    name,
    capability,
    wire,
    operation: operationName,
    errors: openAiErrors,
    streams: 'never',
    decides: ['model'],
    ...more,
  };
  return [
    { ...variant, path: `/v1${path}` },
    { ...variant, path: `/openai/v1${path}` },
    { ...variant, path: `/openai/deployments/:model${path}`, modelIn: asNamed },
  ];
}

const OPERATION_OF: Readonly<Record<OperationWire, Operation>> = {
  'openai-completions': 'completions',
  'openai-embeddings': 'embeddings',
  'openai-images': 'images.generate',
  'openai-image-edits': 'images.edit',
  'openai-transcriptions': 'audio.transcribe',
  'openai-translations': 'audio.translate',
  'openai-speech': 'audio.speak',
  'openai-moderations': 'moderate',
  rerank: 'rerank',
  'anthropic-count-tokens': 'count_tokens',
};

/** Bodies whose `stream` counts. */
const STREAMING: Partial<Variant> = { streams: 'body', decides: ['model', 'stream'] };

/** Bodies with files in them. */
const FORM: Partial<Variant> = { ...STREAMING, bodyKind: 'multipart' };

const asNamed = (parameter: string) => parameter;

const streamed = (variant: Variant): Variant => ({ ...variant, streams: 'always' });

/** Google's paths end in the model and the method: `…/models/gemini-2.5-pro:generateContent`. */
function googleModel(parameter: string): string {
  const name = parameter.slice(0, parameter.lastIndexOf(':'));
  const at = name.lastIndexOf('models/');
  return at === -1 ? name : name.slice(at + 'models/'.length);
}

function onGooglePaths(method: string, variant: Variant): Surface[] {
  const roots = [
    '/v1beta/models',
    '/v1/models',
    '/v1/projects',
    '/v1beta1/projects',
    '/v1/publishers',
    '/v1beta1/publishers',
  ];
  return roots.map((root) => ({ ...variant, path: `${root}/:model{.+:${method}}`, modelIn: googleModel }));
}

/** Ahead of the paths of every publisher. */
function onMistralPaths(method: string, variant: Variant): Surface[] {
  return ['/v1', '/v1beta1'].flatMap((version) => [
    {
      ...variant,
      path: `${version}/projects/:model{.+/publishers/mistralai/models/.+:${method}}`,
      modelIn: googleModel,
    },
    { ...variant, path: `${version}/publishers/:model{mistralai/models/.+:${method}}`, modelIn: googleModel },
  ]);
}

/** Everything that clients may POST. The exact look-up ahead of the router and the router are both made from it. */
export const SURFACE_TABLE: readonly Surface[] = [
  { ...OPENAI_CHAT, path: '/v1/chat/completions' },
  { ...OPENAI_RESPONSES, path: '/v1/responses' },
  { ...ANTHROPIC_MESSAGES, path: '/v1/messages' },
  { ...COUNT_TOKENS, path: '/v1/messages/count_tokens' },
  { ...OPENAI_CHAT, path: '/openai/v1/chat/completions' },
  { ...OPENAI_RESPONSES, path: '/openai/v1/responses' },
  { ...OPENAI_CHAT, path: '/openai/deployments/:model/chat/completions', modelIn: asNamed },
  ...operation('/completions', 'openai-completions', 'openai-completions', 'completions', {
    streams: 'body',
    decides: ['model', 'stream', 'stream_options'],
  }),
  ...operation('/embeddings', 'openai-embeddings', 'openai-embeddings', 'embeddings'),
  ...operation('/images/generations', 'openai-images', 'openai-images', 'images', STREAMING),
  ...operation('/images/edits', 'openai-image-edits', 'openai-images', 'images', FORM),
  ...operation(
    '/audio/transcriptions',
    'openai-transcriptions',
    'openai-transcriptions',
    'transcription',
    FORM,
  ),
  ...operation('/audio/translations', 'openai-translations', 'openai-transcriptions', 'transcription', FORM),
  ...operation('/audio/speech', 'openai-speech', 'openai-speech', 'speech'),
  ...operation('/moderations', 'openai-moderations', 'openai-moderations', 'moderation'),
  ...operation('/rerank', 'rerank', 'rerank', 'rerank'),
  { ...CONVERSE, path: '/model/:model{.+}/converse', modelIn: asNamed },
  { ...streamed(CONVERSE), path: '/model/:model{.+}/converse-stream', modelIn: asNamed },
  { ...INVOKE, path: '/model/:model{.+}/invoke', modelIn: asNamed },
  { ...streamed(INVOKE), path: '/model/:model{.+}/invoke-with-response-stream', modelIn: asNamed },
  ...onGooglePaths('generateContent', GEMINI),
  ...onGooglePaths('streamGenerateContent', streamed(GEMINI)),
  ...onGooglePaths('countTokens', GOOGLE_COUNT),
  ...onGooglePaths('embedContent', GOOGLE_EMBED),
  ...onGooglePaths('batchEmbedContents', GOOGLE_BATCH_EMBED),
  ...onGooglePaths('predict', GOOGLE_PREDICT),
  ...onMistralPaths('rawPredict', MISTRAL_PREDICT),
  ...onMistralPaths('streamRawPredict', streamed(MISTRAL_PREDICT)),
  ...onGooglePaths('rawPredict', VERTEX_PREDICT),
  ...onGooglePaths('streamRawPredict', streamed(VERTEX_PREDICT)),
];

/** The surface of requests that generate nothing, and of what is refused before a surface is known. */
export const PLAIN_SURFACE: PipelineSurface = {
  ...NO_CHAT,
  name: 'openai-models',
  capability: '',
  errors: openAiChatSurface.errors,
  streams: 'never',
  decides: [],
};
