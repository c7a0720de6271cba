import type { ProviderPreset } from '@bonito/protocol';

export const WIRE = 'openai-responses';

/** What differs between servers that speak the Responses API; their presets say it of their chat wire. */
export interface ResponsesServer {
  /** It takes tools with free text (`custom`); otherwise they become functions. */
  readonly customTools: boolean;
  /** It takes `developer` as a role; otherwise it is `system`. */
  readonly developerRole: boolean;
  /** It takes the text of reasoning back; OpenAI takes its encrypted form alone. */
  readonly reasoningText: boolean;
  /** Fields of the chat wire that it does not take here either. */
  readonly lacks: ReadonlySet<ProviderPreset['lacks'][number]>;
}

export function responsesServer(preset: ProviderPreset): ResponsesServer {
  const lacks = new Set(preset.lacks);
  return {
    customTools: !lacks.has('tools.custom'),
    developerRole: preset.developerRole,
    reasoningText: preset.reasoningField !== undefined,
    lacks,
  };
}
