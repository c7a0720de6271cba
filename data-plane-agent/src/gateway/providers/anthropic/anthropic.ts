import { readAnthropicUsage } from '../../metering/read-anthropic-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { claudeDialect } from '../anthropic-compatible/claude-dialect.ts';
import type { ChatDialect, PassDialect, ProviderKind } from '../provider-kind.ts';

/** The base URL may be given with the API's version at its end, as some SDKs have it. */
function below(target: CompiledTarget, path: string): string {
  return target.provider.basePath.endsWith('/v1') ? path : `/v1${path}`;
}

const MESSAGES: ChatDialect = claudeDialect({ address: (target) => ({ path: below(target, '/messages') }) });

/** The same body, counted and not answered; costs nothing. */
const COUNT_TOKENS: PassDialect = {
  ...MESSAGES,
  wire: 'anthropic-count-tokens',
  address: (target) => ({ path: below(target, '/messages/count_tokens') }),
  readUsage: (body) => (typeof body.input_tokens === 'number' ? {} : readAnthropicUsage(body.usage)),
};

const PASSES: readonly PassDialect[] = [COUNT_TOKENS];

/** Anthropic's own API. A token of workload identity federation is announced by its beta (Anthropic, "Authentication"). */
export const anthropic: ProviderKind = {
  chat: () => MESSAGES,
  passes: () => PASSES,
  operation: () => undefined,
  authorize(call, credential, target) {
    if (credential.type === 'bearer')
      return ['authorization', `Bearer ${credential.token}`, ...oauthBeta(call.headers)];
    if (credential.type !== 'secret' || credential.value === '') return [];
    const name = target.provider.config.credential_header ?? 'x-api-key';
    return [name, name === 'authorization' ? `Bearer ${credential.value}` : credential.value];
  },
};

const OAUTH_BETA = 'oauth-2025-04-20';

function oauthBeta(headers: readonly string[]): readonly string[] {
  const at = headers.indexOf('anthropic-beta');
  return at !== -1 && headers[at + 1]?.includes(OAUTH_BETA) ? [] : ['anthropic-beta', OAUTH_BETA];
}
