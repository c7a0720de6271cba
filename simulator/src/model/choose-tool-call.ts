import type { Behaviour } from '../faults/behaviour.ts';
import { lastUserText, type Prompt, type PromptTool } from './prompt.ts';
import { sampleFromSchema } from './sample-from-schema.ts';

/** A call that the simulated model makes. `arguments` is JSON text, or free text for a custom tool. */
export interface ToolCall {
  name: string;
  arguments: string;
  custom: boolean;
}

const shortestMeaningfulWord = 4;

/**
 * The calls to answer, if the request wants any. `toolChoice` decides when it names a tool, or says `required` or
 * `none`. Else the last turn must be the user's and share a word of four letters or more with a tool's name.
 */
export function chooseToolCalls({ tools, toolChoice, turns }: Prompt, behaviour: Behaviour): ToolCall[] {
  if (tools.length === 0 || toolChoice === 'none') return [];
  if (typeof toolChoice === 'object') return callsOf(tools.find(({ name }) => name === toolChoice.name));
  const isUsersTurn = turns.at(-1)?.role === 'user';
  if (behaviour.parallel && isUsersTurn) return callsOf(tools[0], tools[1] ?? tools[0]);
  if (behaviour.toolCall || toolChoice === 'required' || (behaviour.toolOnce && isUsersTurn))
    return callsOf(tools[0]);
  if (!isUsersTurn) return [];
  const prompt = lastUserText(turns);
  return callsOf(tools.find(({ name }) => promptMentions(prompt, name)));
}

function callsOf(...tools: (PromptTool | undefined)[]): ToolCall[] {
  return tools.flatMap((tool): ToolCall[] => {
    if (!tool) return [];
    if (tool.custom) return [{ name: tool.name, arguments: 'sample input', custom: true }];
    const sample = sampleFromSchema(tool.schema) ?? {};
    return [{ name: tool.name, arguments: JSON.stringify(sample), custom: false }];
  });
}

function promptMentions(prompt: string, name: string): boolean {
  const text = prompt.toLowerCase();
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => word.length >= shortestMeaningfulWord && text.includes(word));
}
