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

/**
 * Versions before 2024-09-01-preview know neither `max_completion_tokens` nor `parallel_tool_calls` nor `stream_options`
 * (Microsoft Learn, "API version lifecycle", changes of that version).
 */
const OLDER: ProviderPreset = {
  ...OPENAI,
  lacks: [
    ...OPENAI.lacks,
    'stream_options',
    'parallel_tool_calls',
    'reasoning_effort',
    'tools.custom',
    'verbosity',
  ],
  maxTokensField: 'max_tokens',
  oneLimitName: true,
  developerRole: false,
};
const FIRST_WITH_NEWER_FIELDS = '2024-09-01';

const address = (target: CompiledTarget) => ({ path: azurePath(target, '/chat/completions') });
const newer = openAiChatDialect({ preset: OPENAI, address });
const older = openAiChatDialect({ preset: OLDER, address });

const responsesAddress = (target: CompiledTarget) => ({ path: azureResponsesPath(target) });
const responses = responsesChatDialect(OPENAI, responsesAddress);

const PLAIN: readonly PassDialect[] = [
  ...PLAIN_WIRES.map((wire) => plainPass(wire, (path, target) => ({ path: azurePath(target, path) }))),
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
    const { provider } = target;
    if (isClaude(target)) return claudeInFoundry;
    if (target.deployment.wire === 'openai-responses') return responses;
    const dated =
      usesDeploymentPaths(provider) && (provider.config.api_version ?? '') < FIRST_WITH_NEWER_FIELDS;
    return dated ? older : newer;
  },
  passes: (target) => (isClaude(target) ? CLAUDE : PLAIN),
  operation: () => undefined,
  authorize: (_call, credential, target) => authorizeByHeader(credential, target, 'api-key'),
};
