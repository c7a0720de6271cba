import type { ProviderError, ProviderErrorKind } from '../../chat/provider-error.ts';
import type { JsonObject } from '../../chat/wire.ts';

/** More of an error's sentence is not read. */
const MOST_LETTERS = 2_000;

/** Sentences of servers that give no code for it, each with what it is about. */
const KINDS: readonly (readonly [RegExp, ProviderErrorKind])[] = [
  // vLLM, SGLang, DeepSeek, Mistral, xAI, Fireworks, Together, Cerebras, Gemini, llama.cpp, Ollama, LM Studio, TGI; on the
  // second line newer vLLM, Moonshot, Z.ai, Alibaba, and Bedrock behind another server.
  [
    /maximum (?:context|prompt) length|context (?:length|size|window)[^.]{0,60}exceed|exceed[^.]{0,60}context (?:length|size|window)|prompt is too long|too many tokens|longer than the model's context|greater than the context length|token count[^.]{0,40}exceeds|context the overflows|inputs`? tokens \+ `?max_new_tokens|reduce the length of the messages|is too large to process|must have less than \d+ tokens/i,
    'context_too_long',
  ],
  [
    /context length is only|exceeded model token limit|prompt exceeds max length|range of input length|input is too long/i,
    'context_too_long',
  ],
  // DeepSeek; xAI; OpenAI's images; servers that pass on an upstream's words; Z.ai; Alibaba; Moonshot.
  [
    /content exists risk|content management policy|rejected[^.]{0,40}safety system|violates? (?:our )?(?:usage|content) (?:guidelines|polic)|flagged for|flagged by[^.]{0,30}moderation|unsafe or sensitive content|inappropriate content|considered high risk/i,
    'content_filtered',
  ],
  // Gemini's and Claude's state behind another server; items and responses that OpenAI did not keep.
  [
    /invalid .{0,3}signature|thought.?signature|encrypted content(?! is not supported)|\b(?:item|response) with id\S* \S+ not found/i,
    'state_rejected',
  ],
  // Azure API Management; Z.ai, in English and Chinese; xAI; Fireworks.
  [
    /out of call volume quota|insufficient balance|余额不足|all available credits|any credits|spending limit/i,
    'quota_exhausted',
  ],
  // Z.ai.
  [/temporarily overloaded/i, 'overloaded'],
  // DeepSeek, Z.ai and Voyage answer 400 for it.
  [/model not exist|unknown model|^model \S+ is not supported/i, 'model_not_found'],
  // Voyage.
  [/max allowed tokens per submitted batch/i, 'request_too_large'],
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
  /maximum context length is (?<limit>\d+)[\s\S]*?total of at least (?<sent>\d+)/i,
  /maximum (?:context|prompt) length (?:of \S+ )?(?:is|of) (?<limit>\d+)(?: tokens)?[\s\S]*?(?:requested|resulted in|contains|request has|a total of|will take) (?:at least |about )?(?<sent>\d+)/i,
  /passed (?<sent>\d+) input tokens[\s\S]*?maximum input length of (?<limit>\d+)/i,
  /contains (?<sent>\d+) tokens[\s\S]*?model with (?<limit>\d+) maximum/i,
  /token limit: (?<limit>\d+) \(requested: (?<sent>\d+)/i,
  /limit of (?<limit>\d+) tokens\. Your messages resulted in (?<sent>\d+)/i,
  /(?:contains|too long:|request \(|input \() ?(?<sent>\d+)[\s\S]*?(?:context length|context size)[^\d]{0,12}(?<limit>\d+)/i,
  /length is (?<sent>\d+) while limit is (?<limit>\d+)/i,
  /token count \((?<sent>\d+)\)[\s\S]*?allowed \((?<limit>\d+)\)/i,
  /must (?:be <=|have less than) (?<limit>\d+)(?: tokens)?\. Given: (?<sent>\d+)/i,
];

/**
 * llama.cpp has members for the figures; others only say them. Undefined where what was sent would fit by itself: then it is
 * the answer asked for that does not.
 */
export function figuresOf(error: JsonObject, message: string): ProviderError['tokens'] {
  const { n_prompt_tokens: sent, n_ctx: limit } = error;
  if (typeof sent === 'number' && typeof limit === 'number') return { sent, limit };
  const sentence = message.slice(0, MOST_LETTERS);
  for (const pattern of FIGURES) {
    const groups = pattern.exec(sentence)?.groups;
    if (groups && Number(groups.sent) > Number(groups.limit))
      return { sent: Number(groups.sent), limit: Number(groups.limit) };
  }
  return undefined;
}

/** Azure's, OpenAI's, Groq's, Moonshot's and Gemini's sentences about waiting: `23 seconds`, `6.5s`, `2m59.56s`, `1h0m3s`, `120ms`. */
const WAIT =
  /(?:retry (?:after|in)|try again (?:in|after)) (?:(\d+) ?h(?:ours?)?)? ?(?:(\d+) ?m(?:in\w*)?(?!\w*s))? ?(?:(\d+(?:\.\d+)?) ?(ms|s))?/i;
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
