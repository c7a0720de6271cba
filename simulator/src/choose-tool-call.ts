import { isRecord, type JsonObject } from './json-value.ts';
import { sampleFromSchema } from './sample-from-schema.ts';

/** A function call that the simulated model makes. `arguments` is JSON text. */
export interface ToolCall {
  name: string;
  arguments: string;
}

const shortestMeaningfulWord = 4;

/**
 * The call to answer, if the request wants one. `tool_choice` decides when it names a function, or says `required` or
 * `none`. Else the last message must be the user's and share a word of four letters or more with a function's name.
 */
export function chooseToolCall(body: JsonObject, prompt: string, forced: boolean): ToolCall | undefined {
  const functions = readFunctions(body.tools);
  const choice = body.tool_choice;
  if (functions.length === 0 || choice === 'none') return undefined;
  if (isRecord(choice) && isRecord(choice.function)) {
    const { name } = choice.function;
    return callOf(functions.find((candidate) => candidate.name === name));
  }
  if (forced || choice === 'required') return callOf(functions[0]);
  return endsWithUser(body.messages)
    ? callOf(functions.find(({ name }) => promptMentions(prompt, String(name))))
    : undefined;
}

function readFunctions(tools: unknown): JsonObject[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool) =>
    isRecord(tool) && isRecord(tool.function) && typeof tool.function.name === 'string'
      ? [tool.function]
      : [],
  );
}

function callOf(definition: JsonObject | undefined): ToolCall | undefined {
  if (!definition) return undefined;
  const sample = sampleFromSchema(definition.parameters) ?? {};
  return { name: String(definition.name), arguments: JSON.stringify(sample) };
}

function endsWithUser(messages: unknown): boolean {
  const last = Array.isArray(messages) ? messages.at(-1) : undefined;
  return isRecord(last) && last.role === 'user';
}

function promptMentions(prompt: string, name: string): boolean {
  const text = prompt.toLowerCase();
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return words.some((word) => word.length >= shortestMeaningfulWord && text.includes(word));
}
