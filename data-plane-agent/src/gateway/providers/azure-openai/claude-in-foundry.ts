import type { ProviderError } from '../../chat/provider-error.ts';
import { isObject } from '../../chat/wire.ts';
import { readAnthropicUsage } from '../../metering/read-anthropic-usage.ts';
import { readJsonRecord } from '../../metering/read-json-record.ts';
import type { CompiledTarget } from '../../snapshot/snapshot.ts';
import { claudeDialect } from '../anthropic-compatible/claude-dialect.ts';
import { readError as readAzureError } from '../openai-compatible/read-error.ts';
import type { ChatDialect, ErrorAnswer, PassDialect } from '../provider-kind.ts';

/** Below the resource's root; the base URL may also be the one that Anthropic's SDKs are given. */
function below({ provider }: CompiledTarget, path: string): string {
  if (provider.basePath.endsWith('/anthropic/v1')) return path;
  return provider.basePath.endsWith('/anthropic') ? `/v1${path}` : `/anthropic/v1${path}`;
}

const messages = claudeDialect({ address: (target) => ({ path: below(target, '/messages') }) });

/** Errors are Anthropic's own where the model refuses, and Azure's, with a code, where the call does not reach it. */
function isAzures({ body }: Pick<ErrorAnswer, 'body'>): boolean {
  const error = readJsonRecord(body)?.error;
  return !isObject(error) || typeof error.type !== 'string' || typeof error.code === 'string';
}

function readError(answer: ErrorAnswer): ProviderError {
  return isAzures(answer) ? readAzureError(answer) : messages.readError(answer);
}

/** Claude in Microsoft Foundry speaks Anthropic's own wire (Anthropic, "Claude in Microsoft Foundry"). */
export const claudeInFoundry: ChatDialect = {
  ...messages,
  foreignErrors: isAzures,
  readError,
};

/** The same body, counted and not answered. */
export const countTokensInFoundry: PassDialect = {
  ...claudeInFoundry,
  wire: 'anthropic-count-tokens',
  address: (target) => ({ path: below(target, '/messages/count_tokens') }),
  readUsage: (body) => (typeof body.input_tokens === 'number' ? {} : readAnthropicUsage(body.usage)),
};
