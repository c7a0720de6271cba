import { isRecord, type JsonObject } from '../json-value.ts';
import { countTokens } from '../model/count-tokens.ts';
import {
  mediaOfBase64,
  type Prompt,
  type PromptTool,
  type ToolChoice,
  type Turn,
  tokensForMedium,
} from '../model/prompt.ts';
import type { CacheUnit } from '../model/prompt-cache.ts';
import { blocksOf } from './check-converse.ts';

/** Reads a checked Converse request. */
export function readConversePrompt(body: JsonObject): Prompt {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const system = listOf(body.system);
  const { inferenceConfig, toolConfig, additionalModelRequestFields: more } = body;
  const inference = isRecord(inferenceConfig) ? inferenceConfig : {};
  const tools = isRecord(toolConfig) ? listOf(toolConfig.tools) : [];
  const thinking = isRecord(more) ? (more.thinking ?? more.reasoning_config) : undefined;
  return {
    turns: [
      ...system.flatMap(({ text }): Turn[] =>
        typeof text === 'string' ? [{ role: 'system', texts: [text], media: [] }] : [],
      ),
      ...messages.flatMap(readTurns),
    ],
    tools: tools.flatMap(readTool),
    toolChoice: readToolChoice(isRecord(toolConfig) ? toolConfig.toolChoice : undefined),
    limit: typeof inference.maxTokens === 'number' ? inference.maxTokens : undefined,
    stops: Array.isArray(inference.stopSequences) ? inference.stopSequences.map(String) : [],
    json: readFormat(body.outputConfig),
    thinks: isRecord(thinking) && (thinking.type === 'enabled' || thinking.type === 'adaptive'),
    cacheUnits: readCacheUnits(tools, system, messages),
  };
}

/** The schema that an answer has to keep to: JSON in a text, `textFormat.structure.jsonSchema.schema`. */
function readFormat(config: unknown): Prompt['json'] {
  const format = isRecord(config) && isRecord(config.textFormat) ? config.textFormat : {};
  const structure = isRecord(format.structure) ? format.structure.jsonSchema : undefined;
  if (!isRecord(structure) || typeof structure.schema !== 'string') return undefined;
  try {
    return { schema: JSON.parse(structure.schema) };
  } catch {
    return undefined;
  }
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function readTurns(message: unknown): Turn[] {
  const blocks = blocksOf(message);
  const role = isRecord(message) && message.role === 'assistant' ? 'assistant' : 'user';
  const results = blocks.flatMap(({ toolResult }) => (isRecord(toolResult) ? [toolResult] : []));
  const others = blocks.filter(({ toolResult, cachePoint }) => !toolResult && !cachePoint);
  const turns = results.map((result) => readBlocks('tool', blocksOf(result)));
  if (others.length > 0) turns.push(readBlocks(role, others));
  return turns;
}

function readBlocks(role: Turn['role'], blocks: JsonObject[]): Turn {
  const turn: Turn = { role, texts: [], media: [] };
  for (const block of blocks) {
    if (typeof block.text === 'string') turn.texts.push(block.text);
    if (block.json !== undefined) turn.texts.push(JSON.stringify(block.json));
    const medium = mediumOf(block);
    if (medium) turn.media.push(medium);
  }
  return turn;
}

const mediaKinds = { image: 'image', video: 'video', audio: 'audio', document: 'application' };

function mediumOf(block: JsonObject) {
  for (const [member, kind] of Object.entries(mediaKinds)) {
    const medium = block[member];
    if (!isRecord(medium)) continue;
    const source = isRecord(medium.source) ? medium.source : {};
    return mediaOfBase64(`${kind}/${medium.format}`, source.bytes);
  }
  return undefined;
}

function readTool({ toolSpec }: JsonObject): PromptTool[] {
  if (!isRecord(toolSpec)) return [];
  const { name, inputSchema } = toolSpec;
  return [{ name: String(name), schema: isRecord(inputSchema) ? inputSchema.json : undefined }];
}

function readToolChoice(choice: unknown): ToolChoice {
  if (!isRecord(choice)) return 'auto';
  if (isRecord(choice.tool)) return { name: String(choice.tool.name) };
  return choice.any === undefined ? 'auto' : 'required';
}

/** In the order of the cache: tools, system, messages. A cache point marks the block before it. */
function readCacheUnits(
  tools: JsonObject[],
  system: JsonObject[],
  messages: readonly unknown[],
): CacheUnit[] {
  const units: CacheUnit[] = [];
  const add = (role: string, block: JsonObject, tokens: number) => {
    const last = units.at(-1);
    if (isRecord(block.cachePoint)) {
      if (last) last.keep = block.cachePoint.ttl === '1h' ? '1h' : '5m';
    } else units.push({ content: `${role} ${JSON.stringify(block)}`, tokens });
  };
  for (const tool of tools) add('tool', tool, 0);
  for (const block of system) add('system', block, 1 + countBlock(block));
  for (const message of messages) {
    const role = isRecord(message) ? String(message.role) : '';
    let isOpen = false;
    for (const block of blocksOf(message)) {
      const isResult = block.toolResult !== undefined;
      const opens = isResult || (!isOpen && !block.cachePoint);
      if (!isResult && !block.cachePoint) isOpen = true;
      add(role, block, (opens ? 1 : 0) + countBlock(block));
    }
  }
  return units;
}

function countBlock(block: JsonObject): number {
  if (typeof block.text === 'string') return countTokens(block.text);
  if (isRecord(block.toolResult))
    return blocksOf(block.toolResult).reduce((sum, part) => sum + countBlock(part), 0);
  if (block.json !== undefined) return countTokens(JSON.stringify(block.json));
  return mediumOf(block) ? tokensForMedium : 0;
}
