import { type ProviderPreset, providerPreset } from '@bonito/protocol';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { authorizeByHeader } from '../openai-compatible/authorize-by-header.ts';
import { openAiChatDialect } from '../openai-compatible/openai-chat-dialect.ts';
import { PLAIN_WIRES, plainPass } from '../openai-compatible/plain-passes.ts';
import { responsesChatDialect } from '../openai-compatible/responses/responses-chat-dialect.ts';
import { responsesDialect } from '../openai-compatible/responses/responses-dialect.ts';
import type { PassDialect, ProviderKind } from '../provider-kind.ts';
import { azurePath, azureResponsesPath, usesDeploymentPaths } from './azure-address.ts';
import { claudeInFoundry, countTokensInFoundry } from './claude-in-foundry.ts';

const OPENAI = providerPreset('openai');

/** Before 2024-12-01-preview, in which reasoning models came, there was less to say. */
const BEFORE_REASONING: ProviderPreset = {
  ...OPENAI,
  lacks: [
    ...OPENAI.lacks,
    'reasoning_effort',
    'tools.custom',
    'verbosity',
    'metadata',
    'service_tier',
    'prompt_cache_key',
    'modalities',
  ],
  developerRole: false,
};
const FIRST_WITH_REASONING = '2024-12-01';

/**
 * Versions before 2024-09-01-preview know neither `max_completion_tokens` nor `parallel_tool_calls` nor `stream_options`
 * (Microsoft Learn, "API version lifecycle", changes of that version).
 */
const OLDER: ProviderPreset = {
  ...BEFORE_REASONING,
  lacks: [...BEFORE_REASONING.lacks, 'stream_options', 'parallel_tool_calls'],
  maxTokensField: 'max_tokens',
  oneLimitName: true,
};
const FIRST_WITH_NEWER_FIELDS = '2024-09-01';

/** Whether requests are of a version by date that came before the given one. */
function isBefore(version: string, { provider }: CompiledTarget): boolean {
  return usesDeploymentPaths(provider) && (provider.config.api_version ?? '') < version;
}

const address = (target: CompiledTarget) => ({ path: azurePath(target, '/chat/completions') });
const newest = openAiChatDialect({ preset: OPENAI, address });
const beforeReasoning = openAiChatDialect({ preset: BEFORE_REASONING, address });
const older = openAiChatDialect({ preset: OLDER, address });

const responsesAddress = (target: CompiledTarget) => ({ path: azureResponsesPath(target) });
const responses = responsesChatDialect(OPENAI, responsesAddress);

/** Which Azure does not serve (Microsoft Learn, "Azure OpenAI in Microsoft Foundry Models v1 REST API reference"). */
const UNSERVED: ReadonlySet<string> = new Set(['openai-moderations', 'rerank']);

const PLAIN: readonly PassDialect[] = [
  ...PLAIN_WIRES.filter((wire) => !UNSERVED.has(wire)).map((wire) =>
    plainPass(
      wire,
      (path, target) => ({ path: azurePath(target, path) }),
      (target) =>
        target.provider.config.stream_options === false || isBefore(FIRST_WITH_NEWER_FIELDS, target),
    ),
  ),
  responsesDialect(responsesAddress),
];

const CLAUDE: readonly PassDialect[] = [countTokensInFoundry];

function isClaude({ deployment }: CompiledTarget): boolean {
  return deployment.wire === undefined
    ? deployment.family.toLowerCase() === 'claude'
    : deployment.wire === 'anthropic-messages';
}

/** OpenAI's models at Azure, by deployment and `api-version` or by the newer `/openai/v1`; Claude by its own wire. */
export const azureOpenAi: ProviderKind = {
  chat(target) {
    if (isClaude(target)) return claudeInFoundry;
    if (target.deployment.wire === 'openai-responses') return responses;
    if (isBefore(FIRST_WITH_NEWER_FIELDS, target)) return older;
    return isBefore(FIRST_WITH_REASONING, target) ? beforeReasoning : newest;
  },
  passes: (target) => (isClaude(target) ? CLAUDE : PLAIN),
  operation: () => undefined,
  authorize: (_call, credential, target) => authorizeByHeader(credential, target, 'api-key'),
};
