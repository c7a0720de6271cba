import { AnthropicError } from '../anthropic/anthropic-error.ts';
import { anthropicWire } from '../anthropic/anthropic-wire.ts';
import { messages } from '../anthropic/messages.ts';
import { bedrockWire } from '../bedrock/bedrock-wire.ts';
import type { Authority } from '../credentials/authority.ts';
import { type ChatDialect, chatCompletions } from '../openai/chat-completions.ts';
import { openAiSurfaces } from '../openai/openai-operations.ts';
import { openAiFraming, openAiWire } from '../openai/openai-wire.ts';
import type { Answer, SurfaceRequest } from '../serving/answer.ts';
import { bearerOf } from '../serving/read-bearer.ts';
import type { Arrival, FindOperation, Operation, Wire } from '../serving/wire.ts';
import { AzureError, filteredPrompt } from './azure-error.ts';

/** Azure OpenAI: a key in `api-key`, or a bearer token of Entra ID. */
const azureWire: Wire = {
  ...openAiWire,
  refuse: (status, message) => new AzureError(status, message),
  refuseModel: () =>
    new AzureError(
      404,
      'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
      'DeploymentNotFound',
    ),
  authorize(arrival, authority) {
    const { request } = arrival;
    if (isSigned(request.headers)) return bedrockWire.authorize(arrival, authority);
    if (!isAllowed(request, authority))
      throw new AzureError(
        401,
        'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
        '401',
      );
  },
};

/** The older paths, which demand a version. */
const azureVersionedWire: Wire = {
  ...azureWire,
  authorize(arrival, authority) {
    azureWire.authorize(arrival, authority);
    const version = arrival.url.searchParams.get('api-version');
    if (version === null || !/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version))
      throw new AzureError(404, 'Resource not found', '404');
  },
};

/** Claude in Foundry: Anthropic's wire with Azure's credentials. */
const foundryWire: Wire = {
  ...anthropicWire,
  authorize(arrival, authority) {
    const { request } = arrival;
    if (isAllowed(request, authority) && request.headers['anthropic-version'] !== undefined) return;
    if (authority.isKey(request.headers['x-api-key'])) return anthropicWire.authorize(arrival, authority);
    if (isAllowed(request, authority)) throw new AnthropicError(400, 'anthropic-version: header is required');
    throw new AnthropicError(401, 'invalid api-key');
  },
};

/** Bedrock has OpenAI's wire at the same path; who signs a request means Bedrock. */
function isSigned({ authorization }: SurfaceRequest['headers']): boolean {
  return String(authorization).startsWith('AWS4-HMAC-SHA256');
}

function isAllowed(request: Arrival['request'], authority: Authority): boolean {
  const token = bearerOf(request);
  return (
    authority.isKey(request.headers['api-key']) ||
    authority.isKey(token) ||
    authority.tokens.stateOf('entra', token) === 'valid'
  );
}

const safe = { filtered: false, severity: 'safe' };
const allSafe = { hate: safe, self_harm: safe, sexual: safe, violence: safe };
const blocked = { ...allSafe, violence: { filtered: true, severity: 'high' } };

const dialect: ChatDialect = {
  framing: openAiFraming,
  promptExtra: { prompt_filter_results: [{ prompt_index: 0, content_filter_results: allSafe }] },
  choiceExtra: ({ stop }) => ({ content_filter_results: stop === 'filter' ? blocked : allSafe }),
};

function azureChat(request: SurfaceRequest): Answer {
  if (isSigned(request.headers)) return chatCompletions(request);
  const answer = chatCompletions(request, dialect);
  // The prompt itself may have asked for it, so it is known only now.
  if (request.behaviour.filterPrompt) throw filteredPrompt();
  return answer;
}

function surfaceOf(path: string): Operation['surface'] | undefined {
  if (path === '/chat/completions') return azureChat;
  return Object.hasOwn(openAiSurfaces, path) ? openAiSurfaces[path] : undefined;
}

/** `/openai/deployments/{d}/…?api-version=`, `/openai/v1/…` (Bedrock's too), and Foundry's Claude at `/anthropic/v1/messages`. */
export const findAzureOperation: FindOperation = (pathname) => {
  if (pathname === '/anthropic/v1/messages')
    return { wire: foundryWire, surface: (request) => messages(request) };
  const [, deployment, older = ''] = /^\/openai\/deployments\/([^/]+)(\/.+)$/.exec(pathname) ?? [];
  if (deployment !== undefined) {
    const surface = surfaceOf(older);
    return surface && { wire: azureVersionedWire, surface, model: decodeURIComponent(deployment) };
  }
  const surface = pathname.startsWith('/openai/v1/')
    ? surfaceOf(pathname.slice('/openai/v1'.length))
    : undefined;
  return surface && { wire: azureWire, surface };
};
