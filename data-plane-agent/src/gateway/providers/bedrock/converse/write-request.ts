import type { ChatRequest, ResponseFormat, SystemMessage } from '../../../chat/chat-request.ts';
import { DroppedFields, type Written } from '../../../chat/dropped-fields.ts';
import { isObject, type JsonObject } from '../../../chat/wire.ts';
import { compileSchema, isRecursive } from '../../anthropic-compatible/compile-schema.ts';
import { bedrockClaudeTraits } from '../claude-traits.ts';
import { familyTraits } from './family-traits.ts';
import { structuredSchema } from './structured-schema.ts';
import { NOTHING, type WriteContext, writeCachePoint, writeText } from './write-blocks.ts';
import { type WireMessage, writeMessage } from './write-message.ts';
import { writeModelFields } from './write-model-fields.ts';
import { writeToolConfig } from './write-tools.ts';

const SERVICE_TIERS = new Set(['default', 'flex', 'priority', 'reserved']);
const MOST_LABELS = 16;
/** What Bedrock takes as a name or a value in its invocation log. */
const LABEL = /^[a-zA-Z0-9\s:_@$#=/+,.-]{1,256}$/;

/**
 * Writes the body of Converse and ConverseStream, which is the same.
 *
 * @param family the deployment's model family, which decides what Converse may be asked
 * @param model as Bedrock knows it: within a family not all take the same
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export function writeRequest(request: ChatRequest, family: string, model = ''): Written<JsonObject> {
  const dropped = new DroppedFields('bedrock-converse');
  const context: WriteContext = {
    dropped,
    traits: familyTraits(family, model),
    claude: family === 'claude' ? bedrockClaudeTraits(model) : undefined,
    documentNames: new Set(),
    afterResults: [],
  };
  const { additionalModelRequestFields: more, ...extra } = dropped.keepExtra(request.extra, '');
  const { messages, system } = writeConversation(request, context);
  const { fields, effort, inference } = writeModelFields(request, messages, context);
  const { toolConfig, toolChoice } = writeToolConfig(request, context);
  const modelFields = {
    ...fields,
    ...(toolChoice && { tool_choice: toolChoice }),
    ...(isObject(more) && more),
  };
  const value = withoutEmpty({
    ...extra,
    messages,
    system,
    toolConfig,
    inferenceConfig: withoutEmpty(inference),
    additionalModelRequestFields: modelFields,
    // Claude says which sequence stopped it only when asked, in the place where its own wire has it.
    additionalModelResponseFieldPaths:
      extra.additionalModelResponseFieldPaths ??
      (family === 'claude' && Array.isArray(inference.stopSequences) && inference.stopSequences.length > 0
        ? [request.stream ? '/delta/stop_sequence' : '/stop_sequence']
        : undefined),
    outputConfig: withoutEmpty({ textFormat: writeFormat(request.responseFormat, context), effort }),
    serviceTier: writeServiceTier(request.serviceTier, dropped),
    requestMetadata: writeMetadata(request.metadata, dropped),
  });
  noteTheRest(request, dropped);
  return { value, dropped: dropped.names };
}

function withoutEmpty(object: JsonObject): JsonObject {
  const kept = Object.entries(object).filter(([name, value]) => {
    if (name === 'messages') return true;
    if (Array.isArray(value)) return value.length > 0;
    return value !== undefined && !(isObject(value) && Object.keys(value).length === 0);
  });
  return Object.fromEntries(kept);
}

/**
 * Instructions go before the conversation, each block its own. Those from the midst of it go there too, since only the
 * newest models take them in their place; that is noted as `messages[n].position`. Messages of one role in a row become one;
 * where a model does not take them together, a turn of nothing stands between, which is noted as `messages[n].turn`, as it is
 * where a conversation has no beginning that the model takes.
 */
function writeConversation(request: ChatRequest, context: WriteContext) {
  const messages: WireMessage[] = [];
  const system: JsonObject[] = [];
  request.messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.role === 'system' || message.role === 'developer') {
      if (messages.length > 0) context.dropped.add(`${path}.position`);
      writeSystem(message, path, context, system);
      return;
    }
    const written = writeMessage(message, path, context);
    if (message.role !== 'tool') addAfterResults(messages, path, context);
    if (written) addTurn(messages, written, path, context);
  });
  const end = `messages[${request.messages.length}]`;
  addAfterResults(messages, end, context);
  if (messages.length === 0) {
    context.dropped.add(`${end}.turn`);
    messages.push(opening());
  }
  return { messages, system };
}

/** What tools answered besides what their results may hold. */
function addAfterResults(messages: WireMessage[], path: string, context: WriteContext): void {
  const content = context.afterResults.splice(0);
  if (content.length > 0) addTurn(messages, { role: 'user', content }, path, context);
}

function addTurn(messages: WireMessage[], next: WireMessage, path: string, context: WriteContext): void {
  const last = messages.at(-1);
  const needsUser = last === undefined && next.role !== 'user' && !context.traits.speaksFirst;
  if (needsUser || (last?.role === next.role && !mayStandTogether(last, next, context))) {
    context.dropped.add(`${path}.turn`);
    messages.push(needsUser ? opening() : BETWEEN, next);
  } else if (last?.role === next.role) last.content.push(...next.content);
  else messages.push(next);
}

/** A user's turn that says nothing, for a conversation without a beginning. */
function opening(): WireMessage {
  return { role: 'user', content: [NOTHING] };
}

/** Turns alternate, and this one says nothing. It is never added to: what the model says comes in a turn of its own. */
const BETWEEN: WireMessage = { role: 'assistant', content: [NOTHING] };

/** Some models take the results of tools in a turn of their own only. */
function mayStandTogether(last: WireMessage, next: WireMessage, { traits }: WriteContext): boolean {
  if (traits.besideResults === 'anything' || !last.content.some((block) => block.toolResult)) return true;
  const barred =
    traits.besideResults === 'nothing'
      ? (block: JsonObject) => !block.toolResult && !block.cachePoint
      : (block: JsonObject) => Boolean(block.document ?? block.video);
  return !next.content.some(barred);
}

function writeSystem(
  message: SystemMessage,
  path: string,
  context: WriteContext,
  system: JsonObject[],
): void {
  const { dropped } = context;
  dropped.keepExtra(message.extra, path);
  if (message.name !== undefined) dropped.add(`${path}.name`);
  message.content.forEach((part, index) => {
    const at = `${path}.content[${index}]`;
    const block =
      part.type === 'other' ? dropped.keepOriginal(part.original, at) : writeText(part, at, context);
    if (isObject(block)) system.push(block);
    if (part.type === 'other' || part.cache === undefined) return;
    const nothingNew = system.at(-1)?.cachePoint ?? system.length === 0;
    const point = nothingNew ? undefined : writeCachePoint(part.cache, at, context);
    if (point) system.push(point);
    else dropped.add(`${at}.cache_control`);
  });
}

function writeFormat(
  format: ResponseFormat | undefined,
  { dropped, traits, claude }: WriteContext,
): JsonObject | undefined {
  if (format === undefined || format.type === 'text') return undefined;
  if (format.type === 'other') {
    const original = dropped.keepOriginal(format.original, 'response_format');
    return isObject(original) ? original : undefined;
  }
  const schema = format.type === 'json' ? undefined : format.schema;
  const isPromised = traits.structuredOutput && !(claude && schema && isRecursive(schema));
  if (format.type === 'json' || schema === undefined || !isPromised) {
    dropped.add('response_format');
    return undefined;
  }
  if (format.strict === false) dropped.add('response_format.json_schema.strict');
  const path = 'response_format.json_schema.schema';
  const compile = claude ? compileSchema : structuredSchema;
  const jsonSchema = {
    schema: JSON.stringify(compile(schema, path, dropped)),
    name: format.name,
    ...(format.description !== undefined && { description: format.description }),
  };
  return { type: 'json_schema', structure: { jsonSchema } };
}

/** `auto` is what happens unasked. */
function writeServiceTier(tier: string | undefined, dropped: DroppedFields): JsonObject | undefined {
  if (tier === undefined || tier === 'auto') return undefined;
  if (SERVICE_TIERS.has(tier)) return { type: tier };
  dropped.add('service_tier');
  return undefined;
}

/** Labels go into the account's own invocation log. */
function writeMetadata(metadata: JsonObject | undefined, dropped: DroppedFields): JsonObject | undefined {
  if (metadata === undefined) return undefined;
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(metadata)) {
    const fits = typeof value === 'string' && LABEL.test(name) && (value === '' || LABEL.test(value));
    if (fits && Object.keys(kept).length < MOST_LABELS) kept[name] = value;
    else dropped.add(`metadata.${name}`);
  }
  return kept;
}

/** What Converse has no words for. */
function noteTheRest(request: ChatRequest, dropped: DroppedFields): void {
  const { sampling } = request;
  if (sampling.logitBias !== undefined) dropped.add('logit_bias');
  if (sampling.logprobs) dropped.add('logprobs');
  if (sampling.topLogprobs !== undefined) dropped.add('top_logprobs');
  if (request.endUser !== undefined) dropped.add('user');
  if (request.verbosity !== undefined) dropped.add('verbosity');
  if (request.cacheKey !== undefined) dropped.add('prompt_cache_key');
  if (request.outputModalities?.some((modality) => modality !== 'text')) dropped.add('modalities');
}
