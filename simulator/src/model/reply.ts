import type { Behaviour } from '../faults/behaviour.ts';
import type { SurfaceRequest } from '../serving/answer.ts';
import { answerText, plainWords } from './answer-text.ts';
import { chooseToolCalls, type ToolCall } from './choose-tool-call.ts';
import { splitTokens } from './count-tokens.ts';
import { AskedStatusError, WindowExceededError } from './model-refusals.ts';
import { countTurn, countTurnTokens, lastUserText, type Prompt, type PromptMedia } from './prompt.ts';
import { sampleFromSchema } from './sample-from-schema.ts';

/** Why a reply ended. `filter` is the provider's decision, `refusal` the model's. */
export type ReplyStop = 'end' | 'length' | 'tool_calls' | 'stop_sequence' | 'refusal' | 'filter';

/** One choice. Pieces are one output token each, and in a stream one event each. */
export interface Reply {
  reasoning: string[];
  text: string[];
  toolCalls: (ToolCall & { pieces: string[] })[];
  stop: ReplyStop;
  stopSequence?: string | undefined;
}

/** Token counts: cache classes are parts of `input`, reasoning is part of `output`. */
export interface ReplyUsage {
  input: number;
  cacheRead: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  output: number;
  reasoning: number;
}

/** What the model behind every wire says. */
export interface ModelAnswer {
  replies: Reply[];
  usage: ReplyUsage;
  /** False for `no-usage`: the counts are right, but the answer must not show them. */
  showsUsage: boolean;
}

const argumentPieceLength = 8;
const refusalWords = 'I cannot help with that.';

/**
 * The same scenario and prompt give the same reply on every wire. Lets the prompt add faults of its own to the
 * request's behaviour. Throws `AskedStatusError` and `WindowExceededError`.
 */
export function askModel(request: SurfaceRequest, prompt: Prompt): ModelAnswer {
  const { behaviour } = request;
  const text = lastUserText(prompt.turns);
  if (prompt.turns.at(-1)?.role === 'user') Object.assign(behaviour, request.planPrompt(text));
  if (behaviour.status !== undefined) throw new AskedStatusError(behaviour.status);
  const input = countTurnTokens(prompt.turns);
  if (behaviour.window !== undefined && input > behaviour.window)
    throw new WindowExceededError(input, behaviour.window);
  const replies = Array.from({ length: prompt.choices ?? 1 }, (_, index) =>
    replyOf(behaviour, prompt, text, `${request.seed} ${index}`),
  );
  return { replies, usage: countUsage(request, prompt, replies, input), showsUsage: !behaviour.noUsage };
}

function replyOf(behaviour: Behaviour, prompt: Prompt, text: string, seed: string): Reply {
  const isThinking = behaviour.think || prompt.thinks;
  const reasoning = isThinking ? plainWords(text, `${seed} reasoning`, 6, 8) : [];
  if (behaviour.filter || behaviour.filterPrompt)
    return { reasoning: [], text: [], toolCalls: [], stop: 'filter' };
  if (behaviour.refuse) return { reasoning, text: splitTokens(refusalWords), toolCalls: [], stop: 'refusal' };
  const toolCalls = chooseToolCalls(prompt, behaviour).map((call) => ({
    ...call,
    pieces: call.arguments.match(new RegExp(`.{1,${argumentPieceLength}}`, 'gsu')) ?? [],
  }));
  if (toolCalls.length > 0) {
    const preface = behaviour.preface ? plainWords(text, seed, 4, 4) : [];
    return { reasoning, text: preface, toolCalls, stop: 'tool_calls' };
  }
  return { reasoning, toolCalls, ...sayText(behaviour, prompt, text, seed) };
}

function sayText(
  behaviour: Behaviour,
  prompt: Prompt,
  text: string,
  seed: string,
): Pick<Reply, 'text' | 'stop' | 'stopSequence'> {
  if (prompt.json) {
    const json = prompt.json.schema === undefined ? '{"answer": "sample"}' : sampleText(prompt.json.schema);
    return { text: splitTokens(json), stop: 'end' };
  }
  if (behaviour.imageSeen) return { text: splitTokens(describeMedia(prompt)), stop: 'end' };
  const whole = answerText(behaviour, text, seed, undefined).tokens;
  const said = whole.join('');
  const stopSequence = earliestStop(said, prompt.stops ?? []);
  const tokens = stopSequence === undefined ? whole : splitTokens(said.slice(0, said.indexOf(stopSequence)));
  const { limit } = prompt;
  if (limit !== undefined && tokens.length > limit) return { text: tokens.slice(0, limit), stop: 'length' };
  return { text: tokens, stop: stopSequence === undefined ? 'end' : 'stop_sequence', stopSequence };
}

function sampleText(schema: unknown): string {
  return JSON.stringify(sampleFromSchema(schema));
}

function earliestStop(text: string, stops: readonly string[]): string | undefined {
  const found = stops.filter((stop) => stop !== '' && text.includes(stop));
  return found.sort((one, other) => text.indexOf(one) - text.indexOf(other))[0];
}

/** `Seen: image/png of 68 bytes, https://… .` of all media in the request. */
function describeMedia({ turns }: Prompt): string {
  const media = turns.flatMap((turn) => turn.media);
  return media.length === 0 ? 'Seen: nothing.' : `Seen: ${media.map(describeMedium).join(', ')}.`;
}

function describeMedium({ mediaType, bytes, url }: PromptMedia): string {
  return url ?? `${mediaType} of ${bytes} bytes`;
}

function countUsage(
  { behaviour, cache, seed }: SurfaceRequest,
  prompt: Prompt,
  replies: readonly Reply[],
  counted: number,
): ReplyUsage {
  const units = prompt.cacheUnits ?? (behaviour.cacheAll ? everyTurn(prompt) : []);
  const { read, write5m, write1h } = cache.use(seed, units);
  const reasoning = sum(replies.map((reply) => reply.reasoning.length));
  const said = replies.map(
    ({ text, toolCalls }) => text.length + sum(toolCalls.map(({ pieces }) => pieces.length)),
  );
  const isMarked = prompt.cacheUnits !== undefined;
  return {
    input: behaviour.usage?.input ?? counted,
    cacheRead: behaviour.cachedTokens ?? read,
    // Wires without marks do not charge for writing.
    cacheWrite5m: isMarked ? write5m : 0,
    cacheWrite1h: isMarked ? write1h : 0,
    output: behaviour.usage?.output ?? sum(said) + reasoning,
    reasoning: behaviour.reasoningTokens ?? reasoning,
  };
}

function everyTurn({ turns, tools }: Prompt) {
  return [
    { content: JSON.stringify(tools), tokens: 0 },
    ...turns.map((turn) => ({ content: JSON.stringify(turn), tokens: countTurn(turn), keep: '5m' as const })),
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
