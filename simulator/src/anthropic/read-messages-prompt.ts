import { isRecord, type JsonObject } from '../json-value.ts';
import { countTokens } from '../model/count-tokens.ts';
import {
  mediaOfBase64,
  type Prompt,
  type PromptMedia,
  type PromptTool,
  type ToolChoice,
  type Turn,
  tokensForMedium,
} from '../model/prompt.ts';
import type { CacheUnit } from '../model/prompt-cache.ts';
import { blocksOf } from './check-messages.ts';

/** Reads a checked request of the Messages API. */
export function readMessagesPrompt(body: JsonObject): Prompt {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const system =
    typeof body.system === 'string' ? [{ type: 'text', text: body.system }] : listOf(body.system);
  const { thinking, output_config, output_format } = body;
  const format = isRecord(output_config) ? (output_config.format ?? output_format) : output_format;
  const limit = typeof body.max_tokens === 'number' ? body.max_tokens : undefined;
  return {
    turns: [
      ...system.map((block): Turn => ({ role: 'system', texts: [String(block.text)], media: [] })),
      ...messages.flatMap(readTurns),
    ],
    tools: readTools(body.tools),
    toolChoice: readToolChoice(body.tool_choice),
    limit,
    stops: listOfStrings(body.stop_sequences),
    json: isRecord(format) && format.type === 'json_schema' ? { schema: format.schema ?? {} } : undefined,
    thinks: isRecord(thinking) && thinking.type !== 'disabled',
    cacheUnits: readCacheUnits(listOf(body.tools), system, messages),
  };
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function listOfStrings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Tool results are turns of their own, as they are on other wires. */
function readTurns(message: unknown): Turn[] {
  const blocks = blocksOf(message);
  const role =
    isRecord(message) && (message.role === 'assistant' || message.role === 'system') ? message.role : 'user';
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const others = blocks.filter(({ type }) => type !== 'tool_result');
  const turns = results.map((result) => readBlocks('tool', blocksOf(result)));
  if (others.length > 0 || results.length === 0) turns.push(readBlocks(role, others));
  return turns;
}

function readBlocks(role: Turn['role'], blocks: JsonObject[]): Turn {
  const turn: Turn = { role, texts: [], media: [] };
  for (const block of blocks) {
    if (block.type === 'text') turn.texts.push(String(block.text));
    if (block.type === 'image' || block.type === 'document') turn.media.push(readMedium(block.source));
  }
  return turn;
}

function readMedium(source: unknown): PromptMedia {
  if (!isRecord(source)) return { mediaType: '', bytes: 0 };
  if (source.type === 'base64') return mediaOfBase64(source.media_type, source.data);
  if (source.type === 'url') return { mediaType: '', bytes: 0, url: String(source.url) };
  return { mediaType: 'text/plain', bytes: Buffer.byteLength(String(source.data ?? '')) };
}

function readTools(tools: unknown): PromptTool[] {
  return listOf(tools).flatMap((tool) =>
    tool.input_schema === undefined ? [] : [{ name: String(tool.name), schema: tool.input_schema }],
  );
}

function readToolChoice(choice: unknown): ToolChoice {
  if (!isRecord(choice)) return 'auto';
  if (choice.type === 'tool') return { name: String(choice.name) };
  if (choice.type === 'any') return 'required';
  return choice.type === 'none' ? 'none' : 'auto';
}

/** In the order of the cache: tools, system, messages. A message's opening counts with its first block. */
function readCacheUnits(
  tools: JsonObject[],
  system: JsonObject[],
  messages: readonly unknown[],
): CacheUnit[] {
  return [
    ...tools.map((tool) => unitOf('tool', tool, 0)),
    ...system.map((block) => unitOf('system', block, 1 + countBlock(block))),
    ...messages.flatMap((message) => {
      const role = isRecord(message) ? String(message.role) : '';
      const blocks = blocksOf(message);
      const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result');
      return blocks.map((block, index) => {
        const opens = block.type === 'tool_result' || index === firstOther;
        return unitOf(role, block, (opens ? 1 : 0) + countBlock(block));
      });
    }),
  ];
}

function unitOf(role: string, { cache_control, ...block }: JsonObject, tokens: number): CacheUnit {
  const keep = isRecord(cache_control) ? (cache_control.ttl === '1h' ? '1h' : '5m') : undefined;
  return { content: `${role} ${JSON.stringify(block)}`, tokens, keep };
}

function countBlock(block: JsonObject): number {
  if (block.type === 'text') return countTokens(String(block.text));
  if (block.type === 'image' || block.type === 'document') return tokensForMedium;
  return block.type === 'tool_result' ? blocksOf(block).reduce((sum, part) => sum + countBlock(part), 0) : 0;
}
