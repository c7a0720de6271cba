import { answerEvents } from '../chat/answer-events.ts';
import type { ChatAnswer } from '../chat/chat-answer.ts';
import type { ChatRequest } from '../chat/chat-request.ts';
import { isObject, type Wire } from '../chat/wire.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import { scanServiceTier } from '../json/scan-service-tier.ts';
import { scanUsage } from '../json/scan-usage.ts';
import { readJsonRecord } from '../metering/read-json-record.ts';
import { noteServed } from '../metering/served-as.ts';
import type { PassDialect } from '../providers/provider-kind.ts';
import type { CompiledTarget } from '../snapshot/snapshot.ts';
import { sealAnswerState } from '../state/seal-answer-state.ts';
import { stateOwner } from '../state/state-owner.ts';
import { identityOf, withIdentity } from './answer-identity.ts';
import type { ParsedRequest, RequestContext } from './request-context.ts';
import type { AnswerHead } from './upstream-exchange.ts';
import type { OperationWay, TranslateWay } from './way.ts';
import type { WholeAnswer } from './whole-reader.ts';

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const SPACE = 0x20;

/** Wires whose figures stand in the answer's member `usage`, which can be found without parsing the rest. */
const FINDABLE: ReadonlySet<Wire> = new Set<Wire>([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'bedrock-converse',
  'openai-completions',
  'openai-embeddings',
]);

/** Wires whose answers name their service tier beside `usage`; on others it stands inside, or nowhere. */
function tierOf(body: Buffer, wire: Wire): unknown {
  if (wire === 'openai-chat' || wire === 'openai-responses') return scanServiceTier(body, 'service_tier');
  return wire === 'bedrock-converse' ? scanServiceTier(body, 'serviceTier') : undefined;
}

/** An answer that goes on as it is: only its figures are read. Undefined when it is no JSON object where it has to be one. */
export function readPassedAnswer(
  body: Buffer,
  headers: AnswerHead['headers'],
  dialect: PassDialect,
  target: CompiledTarget,
): WholeAnswer | undefined {
  if (dialect.binary) return { body, tokens: undefined, dropped: [] };
  if (dialect.textAnswers && isPlainText(headers)) return { body, tokens: undefined, dropped: [] };
  if (!isWrappedInBraces(body)) return undefined;
  if (FINDABLE.has(dialect.wire)) {
    const tokens = dialect.readUsage({ usage: scanUsage(body) });
    // Looked for only where the price hangs on it.
    if (tokens && target.deployment.price.variants) noteServed(tokens, tierOf(body, dialect.wire));
    if (tokens) return { body, tokens, dropped: [] };
  }
  // An answer without figures is parsed to find out whether it is one.
  const parsed = readJsonRecord(body);
  return parsed && { body, tokens: dialect.readUsage(parsed, headers), dropped: [] };
}

/**
 * An answer of another wire, in the neutral form. Undefined when it is no JSON object.
 *
 * @throws MalformedAnswerError
 */
export function readTranslatedAnswer(
  body: Buffer,
  context: RequestContext,
  target: CompiledTarget,
  way: TranslateWay,
): ChatAnswer | undefined {
  const parsed = readJsonRecord(body);
  if (!parsed) return undefined;
  const answer = withIdentity(way.dialect.readAnswer(parsed, context.chat), identityOf(context));
  return sealAnswerState(answer, context.services.seal, stateOwner(context, target));
}

/** The same as the client gets it. */
export function writeTranslatedAnswer(
  answer: ChatAnswer,
  context: RequestContext,
  way: TranslateWay,
): WholeAnswer {
  if (!context.chat) throw new GatewayError('internal_error');
  const { value, dropped } = way.surface.writeAnswer(answer, context.chat);
  return { body: Buffer.from(JSON.stringify(value)), tokens: answer.usage?.counts, dropped };
}

/** The same as a client gets it that asked for a stream, where the provider sent none. */
export function writeAnswerAsStream(
  answer: ChatAnswer,
  chat: ChatRequest,
  { surface }: TranslateWay,
): WholeAnswer {
  const writer = surface.eventWriter(chat);
  const pieces = answerEvents(answer).map((event) => writer.write(event));
  pieces.push(writer.end());
  const body = Buffer.concat(pieces.filter((piece) => piece !== undefined));
  return { body, tokens: answer.usage?.counts, dropped: writer.dropped };
}

/** The answer to a request other than chat. Undefined when it is malformed. */
export function readOperationAnswer(
  body: Buffer,
  headers: AnswerHead['headers'],
  parsed: ParsedRequest,
  way: OperationWay,
): WholeAnswer | undefined {
  const answer = readJsonRecord(body);
  if (!isObject(answer)) return undefined;
  const { value, usage } = way.dialect.read(answer, parsed.value, headers);
  return { body: Buffer.from(JSON.stringify(value)), tokens: usage, dropped: [] };
}

/** Text of any kind but a web page, which is what something in between answers. */
function isPlainText(headers: AnswerHead['headers']): boolean {
  const type = headers['content-type'];
  return typeof type === 'string' && /^(?:text\/(?!html)|application\/x-subrip)/i.test(type);
}

function isWrappedInBraces(body: Buffer): boolean {
  let start = 0;
  let end = body.length - 1;
  while (start < end && (body[start] ?? 0) <= SPACE) start++;
  while (end > start && (body[end] ?? 0) <= SPACE) end--;
  return end > start && body[start] === OPEN_BRACE && body[end] === CLOSE_BRACE;
}
