import { readAnthropicUsage } from '../../metering/read-anthropic-usage.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { claudeDialect } from '../anthropic-compatible/claude-dialect.ts';
import type { ChatDialect, PassDialect } from '../provider-kind.ts';

/** Below the resource's root; the base URL may also be the one that Anthropic's SDKs are given. */
function below({ provider }: CompiledTarget, path: string): string {
  if (provider.basePath.endsWith('/anthropic/v1')) return path;
  return provider.basePath.endsWith('/anthropic') ? `/v1${path}` : `/anthropic/v1${path}`;
}

/** Claude in Microsoft Foundry speaks Anthropic's own wire (Anthropic, "Claude in Microsoft Foundry"). */
export const claudeInFoundry: ChatDialect = claudeDialect({
  address: (target) => ({ path: below(target, '/messages') }),
});

/** The same body, counted and not answered. */
export const countTokensInFoundry: PassDialect = {
  ...claudeInFoundry,
  wire: 'anthropic-count-tokens',
  address: (target) => ({ path: below(target, '/messages/count_tokens') }),
  readUsage: (body) => (typeof body.input_tokens === 'number' ? {} : readAnthropicUsage(body.usage)),
};
