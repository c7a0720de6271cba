import { isRecord, type JsonObject } from '../json-value.ts';
import type { StateSigner } from '../model/state-signer.ts';
import { AnthropicError } from './anthropic-error.ts';

const mostCacheMarks = 4;

/**
 * The rules of https://docs.claude.com/en/api/messages that translations break most often.
 * Throws `AnthropicError` 400 in Anthropic's words.
 */
export function checkMessages(body: JsonObject, signer: StateSigner, withSystemRole = false): void {
  const { messages, max_tokens, thinking } = body;
  if (max_tokens === undefined) refuse('max_tokens: Field required');
  if (!Number.isInteger(max_tokens) || Number(max_tokens) < 1)
    refuse('max_tokens: Input should be greater than or equal to 1');
  if (!Array.isArray(messages)) refuse('messages: Field required');
  const list: unknown[] = Array.isArray(messages) ? messages : [];
  if (list.length === 0) refuse('messages: at least one message is required');
  const isThinking = isRecord(thinking) && thinking.type === 'enabled';
  if (isThinking) checkThinking(body, thinking);
  for (const [index, message] of list.entries()) checkMessage(message, index, signer, withSystemRole);
  checkToolPairs(list);
  if (isThinking) checkThinkingHistory(list);
  checkCacheMarks(body);
}

function refuse(message: string): never {
  throw new AnthropicError(400, message);
}

function checkThinking({ max_tokens, tool_choice, temperature }: JsonObject, thinking: JsonObject): void {
  const budget = Number(thinking.budget_tokens);
  if (thinking.budget_tokens === undefined) refuse('thinking.enabled.budget_tokens: Field required');
  if (budget < 1024) refuse('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024');
  if (budget >= Number(max_tokens))
    refuse(
      '`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size',
    );
  if (isRecord(tool_choice) && (tool_choice.type === 'any' || tool_choice.type === 'tool'))
    refuse('Thinking may not be enabled when tool_choice forces tool use.');
  if (temperature !== undefined && temperature !== 1)
    refuse(
      '`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking',
    );
}

/** Since the API's version of 2026-10-21, `system` is a role among the messages. */
export function takesSystemRole(version: unknown): boolean {
  return String(version) >= '2026-10-21';
}

/** The blocks of a message; text is one block. */
export function blocksOf(message: unknown): JsonObject[] {
  const content = isRecord(message) ? message.content : undefined;
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return Array.isArray(content) ? content.filter(isRecord) : [];
}

function checkMessage(message: unknown, index: number, signer: StateSigner, withSystemRole: boolean): void {
  const at = `messages.${index}`;
  if (!isRecord(message)) refuse(`${at}: Input should be an object`);
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant' && !(withSystemRole && role === 'system'))
    refuse(
      `messages: Unexpected role "${role}". Allowed roles are "user" or "assistant". The Messages API accepts a top-level \`system\` parameter, not "system" as an input message role.`,
    );
  if (content === undefined) refuse(`${at}.content: Field required`);
  if (typeof content !== 'string' && !Array.isArray(content))
    refuse(`${at}.content: Input should be a valid string or list`);
  const blocks = blocksOf(message);
  if (blocks.length === 0 && role === 'user') refuse(`${at}: user messages must have non-empty content`);
  for (const [position, block] of blocks.entries()) {
    const place = `${at}.content.${position}`;
    checkers[String(block.type)]?.(block, place, signer);
    if (block.type === 'text' && block.text === '') {
      refuse(
        typeof content === 'string'
          ? `${at}: all messages must have non-empty content except for the optional final assistant message`
          : 'messages: text content blocks must be non-empty',
      );
    }
  }
}

type Checker = (block: JsonObject, place: string, signer: StateSigner) => void;

const checkers: Record<string, Checker> = {
  thinking({ thinking, signature }, place, signer) {
    if (typeof signature !== 'string') refuse(`${place}.thinking.signature: Field required`);
    if (!signer.isSignatureOf(signature, String(thinking)))
      refuse(`${place}: Invalid \`signature\` in \`thinking\` block`);
  },
  redacted_thinking({ data }, place, signer) {
    if (signer.open(data) === undefined) refuse(`${place}: Invalid \`data\` in \`redacted_thinking\` block`);
  },
  tool_use({ id, name, input }, place) {
    if (!/^[a-zA-Z0-9_-]+$/.test(String(id ?? '')))
      refuse(`${place}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(String(name ?? '')))
      refuse(`${place}.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    if (!isRecord(input)) refuse(`${place}.tool_use.input: Input should be a valid dictionary`);
  },
  tool_result({ tool_use_id }, place) {
    if (typeof tool_use_id !== 'string') refuse(`${place}.tool_result.tool_use_id: Field required`);
  },
};

/** Consecutive messages of one role count as one, as at Anthropic. */
function checkToolPairs(messages: readonly unknown[]): void {
  const turns: { role: unknown; index: number; blocks: JsonObject[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const role = isRecord(message) ? message.role : undefined;
    const last = turns.at(-1);
    if (last?.role === role) last?.blocks.push(...blocksOf(message));
    else turns.push({ role, index, blocks: [...blocksOf(message)] });
  }
  for (const [position, { index, blocks }] of turns.entries()) {
    const before = (turns[position - 1]?.blocks ?? [])
      .filter(({ type }) => type === 'tool_use')
      .map(({ id }) => id);
    const results = blocks.filter(({ type }) => type === 'tool_result').map(({ tool_use_id }) => tool_use_id);
    const orphan = results.find((id) => !before.includes(id));
    if (orphan !== undefined)
      refuse(
        `messages.${index}.content.0: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${orphan}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
      );
    const unanswered = before.filter((id) => !results.includes(id));
    if (unanswered.length > 0)
      refuse(
        `messages.${turns[position - 1]?.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${unanswered.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
      );
    if (
      blocks.findIndex(({ type }) => type === 'text') <
        blocks.findLastIndex(({ type }) => type === 'tool_result') &&
      results.length > 0 &&
      blocks[0]?.type === 'text'
    )
      refuse(`messages.${index}: \`tool_result\` blocks must come first in the content after \`tool_use\``);
  }
  const last = turns.at(-1);
  const open = last?.blocks.filter(({ type }) => type === 'tool_use').map(({ id }) => id) ?? [];
  if (open.length > 0)
    refuse(
      `messages.${last?.index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
}

/** While a tool loop runs, the assistant's turn must begin with its thinking. */
function checkThinkingHistory(messages: readonly unknown[]): void {
  const start = messages.findLastIndex(
    (message) =>
      isRecord(message) &&
      message.role === 'user' &&
      !blocksOf(message).some(({ type }) => type === 'tool_result'),
  );
  for (const [index, message] of messages.entries()) {
    if (index < start || !isRecord(message) || message.role !== 'assistant') continue;
    const blocks = blocksOf(message);
    const first = blocks[0]?.type;
    const isContinuation = index > start + 1;
    if (!blocks.some(({ type }) => type === 'tool_use') || isContinuation) continue;
    if (first !== 'thinking' && first !== 'redacted_thinking')
      refuse(
        `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks). We recommend you include thinking blocks from previous turns. To avoid this requirement, disable \`thinking\`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking`,
      );
  }
}

function checkCacheMarks({ system, tools, messages }: JsonObject): void {
  const lists = [system, tools, ...(Array.isArray(messages) ? messages.map(blocksOf) : [])];
  const marked = lists
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter((block) => isRecord(block) && isRecord(block.cache_control));
  if (marked.length > mostCacheMarks)
    refuse(`A maximum of 4 blocks with cache_control may be provided. Found ${marked.length}.`);
}
