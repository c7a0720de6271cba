import { providerPreset } from '@bonito/protocol';
import { openAiKind } from '../openai-compatible/openai-compatible.ts';
import type { ProviderKind } from '../provider-kind.ts';

const OPENAI = providerPreset('openai');

/** OpenAI itself. */
export const openAi: ProviderKind = openAiKind(() => OPENAI);
