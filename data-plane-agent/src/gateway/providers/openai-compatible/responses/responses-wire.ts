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
  /** It refuses less room for an answer. */
  readonly leastOutputTokens: number;
  /** What it takes where a request does not say; its models that reason refuse to be told, even this one. */
  readonly usualTemperature: number | undefined;
  /** Fields of the chat wire that it does not take here either. */
  readonly lacks: ReadonlySet<ProviderPreset['lacks'][number]>;
}

export function responsesServer(preset: ProviderPreset): ResponsesServer {
  const lacks = new Set(preset.lacks);
  // OpenAI's own servers alone have them.
  const customTools = !lacks.has('tools.custom');
  return {
    customTools,
    developerRole: preset.developerRole,
    reasoningText: preset.reasoningField !== undefined,
    leastOutputTokens: customTools ? 16 : 0,
    usualTemperature: customTools ? 1 : undefined,
    lacks,
  };
}
