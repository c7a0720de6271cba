import { isRecord, type JsonObject } from '../json-value.ts';
import { mediaOfBase64, type Prompt, type PromptTool, type ToolChoice, type Turn } from '../model/prompt.ts';
import { contentsOf, partsOf } from './check-contents.ts';

/** Reads a checked request of generateContent. */
export function readContentsPrompt(body: JsonObject): Prompt {
  const config = recordOf(body.generationConfig ?? body.generation_config);
  const system = partsOf(body.systemInstruction ?? body.system_instruction);
  const thinking = recordOf(config.thinkingConfig);
  const schema = config.responseJsonSchema ?? config.responseSchema;
  return {
    turns: [
      ...system.map(({ text }): Turn => ({ role: 'system', texts: [String(text)], media: [] })),
      ...contentsOf(body).flatMap(readTurns),
    ],
    tools: readTools(body.tools),
    toolChoice: readToolChoice(recordOf(body.toolConfig ?? body.tool_config)),
    limit: typeof config.maxOutputTokens === 'number' ? config.maxOutputTokens : undefined,
    choices: typeof config.candidateCount === 'number' ? config.candidateCount : 1,
    stops: Array.isArray(config.stopSequences) ? config.stopSequences.map(String) : [],
    json: config.responseMimeType === 'application/json' ? { schema: lowerTypes(schema) } : undefined,
    thinks: thinking.includeThoughts === true,
  };
}

function recordOf(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}

function readTurns(content: JsonObject): Turn[] {
  const parts = partsOf(content);
  const turns = parts.flatMap(({ functionResponse }) =>
    isRecord(functionResponse) ? [readResponse(functionResponse)] : [],
  );
  const others = parts.filter(({ functionResponse }) => !functionResponse);
  if (others.length === 0) return turns;
  const turn: Turn = { role: content.role === 'model' ? 'assistant' : 'user', texts: [], media: [] };
  for (const part of others) {
    if (typeof part.text === 'string' && part.thought !== true) turn.texts.push(part.text);
    const data = part.inlineData ?? part.inline_data;
    if (isRecord(data)) turn.media.push(mediaOfBase64(data.mimeType ?? data.mime_type, data.data));
    const file = part.fileData ?? part.file_data;
    if (isRecord(file))
      turn.media.push({ mediaType: '', bytes: 0, url: String(file.fileUri ?? file.file_uri) });
  }
  return [...turns, turn];
}

/** Text under `output`, `result`, `content` or `error` counts as the words themselves, all else as its JSON. */
function readResponse({ response, parts }: JsonObject): Turn {
  const record = recordOf(response);
  const words = record.output ?? record.result ?? record.content ?? record.error;
  const text = typeof words === 'string' ? words : JSON.stringify(response);
  const media = partsOf({ parts }).flatMap(({ inlineData }) =>
    isRecord(inlineData) ? [mediaOfBase64(inlineData.mimeType, inlineData.data)] : [],
  );
  return { role: 'tool', texts: [text], media };
}

function readTools(tools: unknown): PromptTool[] {
  if (!Array.isArray(tools)) return [];
  return tools.flatMap((tool) => {
    const list = recordOf(tool).functionDeclarations ?? recordOf(tool).function_declarations;
    if (!Array.isArray(list)) return [];
    return list.filter(isRecord).map(({ name, parameters, parametersJsonSchema }) => ({
      name: String(name),
      schema: lowerTypes(parametersJsonSchema ?? parameters),
    }));
  });
}

/** Google's schemas say `STRING` where JSON schema says `string`. */
function lowerTypes(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(lowerTypes);
  if (!isRecord(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === 'type' && typeof value === 'string'
        ? value.toLowerCase()
        : name === 'enum'
          ? value
          : lowerTypes(value),
    ]),
  );
}

function readToolChoice(toolConfig: JsonObject): ToolChoice {
  const config = recordOf(toolConfig.functionCallingConfig);
  const allowed = config.allowedFunctionNames;
  if (config.mode === 'NONE') return 'none';
  if (config.mode !== 'ANY') return 'auto';
  return Array.isArray(allowed) && allowed.length === 1 ? { name: String(allowed[0]) } : 'required';
}
