import { isRecord, type JsonObject } from '../json-value.ts';
import type { StateSigner } from '../model/state-signer.ts';
import { BedrockError } from './bedrock-error.ts';

/** The rules of Converse that translations break most often. Throws `BedrockError` 400 in Bedrock's words. */
export function checkConverse(body: JsonObject, signer: StateSigner, model: string): void {
  const messages = Array.isArray(body.messages) ? body.messages : [];
  if (messages.length === 0)
    refuse(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  for (const [index, message] of messages.entries())
    checkMessage(message, index, messages[index - 1], signer);
  if (/(?:^|\.)(?:llama|mistral)\./.test(model)) checkTurnsApart(messages);
  if (/(?:^|\.)mistral\./.test(model)) checkShortIds(messages);
  checkTools(body, messages);
}

/** Some families take calls and results in turns of their own only. */
function checkTurnsApart(messages: readonly unknown[]): void {
  for (const [index, message] of messages.entries()) {
    const blocks = blocksOf(message);
    const tools = blocks.some(({ toolUse, toolResult }) => toolUse ?? toolResult);
    if (tools && blocks.some(({ text, image, document }) => text ?? image ?? document))
      refuse(
        `messages.${index}.content: Conversation blocks and tool use blocks cannot be provided in the same turn.`,
      );
  }
}

function checkShortIds(messages: readonly unknown[]): void {
  for (const { toolUse } of messages.flatMap(blocksOf)) {
    if (isRecord(toolUse) && !/^[a-zA-Z0-9]{9}$/.test(String(toolUse.toolUseId)))
      refuse(
        `The model returned the following errors: Tool call id was ${toolUse.toolUseId} but must be a-z, A-Z, 0-9, with a length of 9.`,
      );
  }
}

function refuse(message: string): never {
  throw new BedrockError(400, message);
}

/** The blocks of a Converse message. */
export function blocksOf(message: unknown): JsonObject[] {
  const content = isRecord(message) ? message.content : undefined;
  return Array.isArray(content) ? content.filter(isRecord) : [];
}

function checkMessage(message: unknown, index: number, before: unknown, signer: StateSigner): void {
  if (!isRecord(message)) refuse('Malformed input request, please reformat your input and try again.');
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant')
    refuse(
      `1 validation error detected: Value '${role}' at 'messages.${index + 1}.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]`,
    );
  if (index === 0 && role !== 'user')
    refuse(
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    );
  if (isRecord(before) && before.role === role)
    refuse(
      'A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.',
    );
  if (!Array.isArray(content) || content.length === 0)
    refuse(
      `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`,
    );
  const names = new Set<unknown>();
  for (const [position, block] of blocksOf(message).entries()) {
    const place = `messages.${index}.content.${position}`;
    checkBlock(block, place, signer);
    if (isRecord(block.document)) {
      if (names.has(block.document.name))
        refuse('Multiple documents with the same name were provided. Document names must be unique.');
      names.add(block.document.name);
    }
  }
  checkResults(blocksOf(message), blocksOf(before), index);
}

function checkBlock(block: JsonObject, place: string, signer: StateSigner): void {
  const { text, toolUse, document, reasoningContent } = block;
  if (typeof text === 'string' && text.trim() === '')
    refuse(
      `The text field in the ContentBlock object at ${place} is blank. Add text to the text field, and try again.`,
    );
  if (isRecord(toolUse)) {
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(String(toolUse.toolUseId)))
      refuse(
        `1 validation error detected: Value '${toolUse.toolUseId}' at '${place}.toolUse.toolUseId' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
      );
    if (!isRecord(toolUse.input))
      refuse(
        `The format of the value at ${place}.toolUse.input is invalid. Provide a json object for the field and try again.`,
      );
  }
  if (isRecord(document) && !/^(?!.* {2})[a-zA-Z0-9\s()[\]-]{1,200}$/.test(String(document.name)))
    refuse(
      "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.",
    );
  if (isRecord(reasoningContent)) checkReasoning(reasoningContent, place, signer);
}

function checkReasoning(
  { reasoningText, redactedContent }: JsonObject,
  place: string,
  signer: StateSigner,
): void {
  const prefix = 'The model returned the following errors: ';
  if (isRecord(reasoningText) && !signer.isSignatureOf(reasoningText.signature, String(reasoningText.text)))
    refuse(`${prefix}${place}: Invalid \`signature\` in \`thinking\` block`);
  if (redactedContent !== undefined && signer.open(redactedContent) === undefined)
    refuse(`${prefix}${place}: Invalid \`data\` in \`redacted_thinking\` block`);
}

function checkResults(blocks: JsonObject[], before: JsonObject[], index: number): void {
  const called = before.flatMap(({ toolUse }) => (isRecord(toolUse) ? [toolUse.toolUseId] : []));
  const answered = blocks.flatMap(({ toolResult }) => (isRecord(toolResult) ? [toolResult.toolUseId] : []));
  if (answered.length > called.length)
    refuse(
      `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`,
    );
  const missing = called.filter((id) => !answered.includes(id));
  if (missing.length > 0)
    refuse(
      `Expected toolResult blocks at messages.${index}.content for the following Ids: ${missing.join(', ')}, but found: ${answered.join(', ')}`,
    );
}

function checkTools({ toolConfig }: JsonObject, messages: readonly unknown[]): void {
  const usesTools = messages.some((message) =>
    blocksOf(message).some(({ toolUse, toolResult }) => toolUse ?? toolResult),
  );
  const tools = isRecord(toolConfig) ? toolConfig.tools : undefined;
  if (usesTools && !Array.isArray(tools))
    refuse('The toolConfig field must be defined when using toolUse and toolResult content blocks.');
  if (toolConfig !== undefined && (!Array.isArray(tools) || tools.length === 0))
    refuse(
      "1 validation error detected: Value at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
}
