import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import type { JsonObject } from '../../chat/wire.ts';

/** More of an error's sentence is not read. */
const MOST_LETTERS = 2_000;

/** Sentences of servers that give no code for it, each with what it is about. */
const KINDS: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  // vLLM, SGLang, DeepSeek, Mistral, xAI, Fireworks, Together, Cerebras, Gemini, llama.cpp, Ollama, LM Studio, TGI.
  [
    /maximum (?:context|prompt) length|context (?:length|size|window)[^.]{0,60}exceed|exceed[^.]{0,60}context (?:length|size|window)|prompt is too long|too many tokens|longer than the model's context|greater than the context length|token count[^.]{0,40}exceeds|context the overflows|inputs`? tokens \+ `?max_new_tokens|reduce the length of the messages/i,
    'context_too_long',
  ],
  // DeepSeek; xAI; OpenAI's images; servers that pass on an upstream's words.
  [
    /content exists risk|content management policy|rejected[^.]{0,40}safety system|violates? (?:our )?(?:usage|content) (?:guidelines|polic)|flagged for|flagged by[^.]{0,30}moderation/i,
    'content_filtered',
  ],
  [/invalid .{0,3}signature|thought.?signature|encrypted content/i, 'state_rejected'],
  // xAI and Gemini answer 400 for it.
  [/(?:incorrect|invalid) api key|api key not valid/i, 'unauthenticated'],
];

/** What the server says it is about; undefined when it is none of those. */
export function kindOfSentence(message: string): ProviderErrorKind | undefined {
  const sentence = message.slice(0, MOST_LETTERS);
  for (const [pattern, kind] of KINDS) if (pattern.test(sentence)) return kind;
  return undefined;
}

/** How sentences name what was sent and what fits. The groups are called after `ProviderError.tokens`. */
const FIGURES: readonly RegExp[] = [
  /maximum (?:context|prompt) length (?:is|of) (?<limit>\d+)(?: tokens)?[\s\S]*?(?:requested|resulted in|contains|request has) (?:at least |about )?(?<sent>\d+)/i,
  /(?:contains|too long:|request \(|input \() ?(?<sent>\d+)[\s\S]*?(?:context length|context size)[^\d]{0,12}(?<limit>\d+)/i,
  /length is (?<sent>\d+) while limit is (?<limit>\d+)/i,
  /token count \((?<sent>\d+)\)[\s\S]*?allowed \((?<limit>\d+)\)/i,
  /must be <= (?<limit>\d+)\. Given: (?<sent>\d+)/i,
];

/** llama.cpp has members for the figures; others only say them. */
export function figuresOf(error: JsonObject, message: string): ProviderError['tokens'] {
  const { n_prompt_tokens: sent, n_ctx: limit } = error;
  if (typeof sent === 'number' && typeof limit === 'number') return { sent, limit };
  const sentence = message.slice(0, MOST_LETTERS);
  for (const pattern of FIGURES) {
    const groups = pattern.exec(sentence)?.groups;
    if (groups) return { sent: Number(groups.sent), limit: Number(groups.limit) };
  }
  return undefined;
}

/** Azure's, OpenAI's and Groq's sentences about waiting: `23 seconds`, `6.5s`, `2m59.56s`, `1h0m3s`, `120ms`. */
const WAIT =
  /(?:retry after|try again in) (?:(\d+) ?h(?:ours?)?)? ?(?:(\d+) ?m(?:in\w*)?(?!\w*s))? ?(?:(\d+(?:\.\d+)?) ?(ms|s))?/i;
const SECONDS_OF_HOUR = 3_600;
const SECONDS_OF_MINUTE = 60;
const MILLISECONDS = 1_000;

/** Seconds that the sentence asks to wait; undefined when it does not. */
export function waitOf(message: string): number | undefined {
  const [, hours, minutes, rest, unit] = WAIT.exec(message.slice(0, MOST_LETTERS)) ?? [];
  if (hours === undefined && minutes === undefined && rest === undefined) return undefined;
  const seconds = Number(rest ?? 0) / (unit?.toLowerCase() === 'ms' ? MILLISECONDS : 1);
  return Number(hours ?? 0) * SECONDS_OF_HOUR + Number(minutes ?? 0) * SECONDS_OF_MINUTE + seconds;
}
