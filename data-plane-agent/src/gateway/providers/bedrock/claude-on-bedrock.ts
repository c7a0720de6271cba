import { claudeDialect } from '../anthropic-compatible/claude-dialect.ts';
import { bedrockClaudeTraits } from './claude-traits.ts';
import { claudeByInvoke } from './invoke/claude-by-invoke.ts';
import { invokeAddress } from './invoke/invoke-dialect.ts';

/** Claude in Anthropic's own body, by InvokeModel. */
export const claudeOnBedrock = claudeByInvoke(
  claudeDialect({ address: invokeAddress, traits: bedrockClaudeTraits }),
);
