import { type ProviderPreset, providerPreset } from '@bonito/protocol';
import type { ChatDialect, PassDialect, ProviderKind } from '../provider-kind.ts';
import { authorizeByHeader } from './authorize-by-header.ts';
import { openAiChatDialect } from './openai-chat-dialect.ts';
import { PLAIN_WIRES, plainPass } from './plain-passes.ts';
import { responsesChatDialect } from './responses/responses-chat-dialect.ts';
import { responsesDialect } from './responses/responses-dialect.ts';

const CHAT = { path: '/chat/completions' };

const RESPONSES = { path: '/responses' };

const dialects = new Map<ProviderPreset, ChatDialect>();
const responsesDialects = new Map<ProviderPreset, ChatDialect>();
const PLAIN: readonly PassDialect[] = PLAIN_WIRES.map((wire) => plainPass(wire, (path) => ({ path })));
const WITH_RESPONSES: readonly PassDialect[] = [...PLAIN, responsesDialect(() => RESPONSES)];

function dialectOf(preset: ProviderPreset): ChatDialect {
  const known = dialects.get(preset);
  if (known) return known;
  const made = openAiChatDialect({ preset, address: () => CHAT });
  dialects.set(preset, made);
  return made;
}

function responsesDialectOf(preset: ProviderPreset): ChatDialect {
  const known = responsesDialects.get(preset);
  if (known) return known;
  const made = responsesChatDialect(preset, () => RESPONSES);
  responsesDialects.set(preset, made);
  return made;
}

/** A provider that speaks OpenAI's wire at its base URL, with what its preset says. */
export function openAiKind(presetOf: (name: string | undefined) => ProviderPreset): ProviderKind {
  return {
    chat: ({ provider, deployment }) => {
      const preset = presetOf(provider.config.preset);
      return deployment.wire === 'openai-responses' ? responsesDialectOf(preset) : dialectOf(preset);
    },
    passes: ({ provider }) => (presetOf(provider.config.preset).responses ? WITH_RESPONSES : PLAIN),
    operation: () => undefined,
    authorize: (_call, credential, target) => authorizeByHeader(credential, target),
  };
}

/** Any server that speaks OpenAI's wire. */
export const openAiCompatible: ProviderKind = openAiKind(providerPreset);
