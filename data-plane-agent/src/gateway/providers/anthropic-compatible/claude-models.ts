/** What one model of Claude takes, as far as they differ. */
export interface ClaudeTraits {
  /** The most tokens that it can answer, its thinking included; undefined where that is not known. */
  readonly mostTokens: number | undefined;
  /**
   * How it thinks. `budget`: as many tokens as it is told. `both`: that, or as it sees fit. `adaptive`: only as it sees
   * fit. `always`: as `adaptive`, and it cannot be told not to.
   */
  readonly thinking: 'none' | 'budget' | 'both' | 'adaptive' | 'always';
  /** It thinks if nothing is said of it. */
  readonly thinksUnasked: boolean;
  /** The `thinking.type` that tells it not to. */
  readonly noThinking: 'disabled' | 'between_tools';
  /** `xhigh` is an effort of its own. */
  readonly highestEfforts: boolean;
  /** `one`: temperature or `top_p`, not both of them. `none`: the request is refused for any. */
  readonly sampling: 'all' | 'one' | 'none';
  /** It can be made to call a tool. */
  readonly forcedTools: boolean;
  /** `output_config.format`, and `strict` of tools. */
  readonly structuredOutput: boolean;
  /** Instructions may stand behind a user's turn, and not only before all of them. */
  readonly lateSystem: boolean;
  /** Bedrock's Converse hands on that it may call one tool at a time. */
  readonly singleCallsInConverse: boolean;
}

/** For a name that does not say which model it is, an alias or an ARN: what most of them take. */
const UNKNOWN: ClaudeTraits = {
  mostTokens: undefined,
  thinking: 'budget',
  thinksUnasked: false,
  noThinking: 'disabled',
  highestEfforts: false,
  sampling: 'all',
  forcedTools: true,
  structuredOutput: true,
  lateSystem: false,
  singleCallsInConverse: false,
};

const OLD: ClaudeTraits = { ...UNKNOWN, mostTokens: 4_096, thinking: 'none', structuredOutput: false };
const SONNET_4: ClaudeTraits = { ...OLD, mostTokens: 64_000, thinking: 'budget' };
const OPUS_4: ClaudeTraits = { ...SONNET_4, mostTokens: 32_000 };
const CLAUDE_4_5: ClaudeTraits = {
  ...SONNET_4,
  sampling: 'one',
  structuredOutput: true,
  singleCallsInConverse: true,
};
const CLAUDE_4_6: ClaudeTraits = { ...CLAUDE_4_5, mostTokens: 128_000, thinking: 'both' };
const CLAUDE_4_7: ClaudeTraits = {
  ...CLAUDE_4_6,
  thinking: 'adaptive',
  highestEfforts: true,
  sampling: 'none',
};
const CLAUDE_4_8: ClaudeTraits = { ...CLAUDE_4_7, lateSystem: true };
const CLAUDE_5: ClaudeTraits = { ...CLAUDE_4_8, thinksUnasked: true };
const ALWAYS: ClaudeTraits = { ...CLAUDE_5, thinking: 'always' };
/** It has no number: it came before Claude 4.8. */
const MYTHOS_PREVIEW: ClaudeTraits = { ...ALWAYS, forcedTools: false, lateSystem: false };

/**
 * By generation, newest first: major and minor version as one number, and the model's name where the row is of one alone.
 * The first row that fits counts. A version that is newer than the rows takes what the newest takes.
 *
 * From Anthropic's documentation: "Models overview", the pages of each model, "Extended thinking", "Adaptive thinking",
 * "Structured outputs", "Mid-conversation system messages", "Migration guide".
 */
const TABLE: readonly (readonly [from: number, name: string | undefined, traits: ClaudeTraits])[] = [
  [505, 'opus', { ...ALWAYS, forcedTools: false }],
  [505, 'sonnet', { ...CLAUDE_5, noThinking: 'between_tools', forcedTools: false }],
  [501, 'fable', { ...ALWAYS, forcedTools: false }],
  [501, 'mythos', { ...ALWAYS, forcedTools: false }],
  [500, 'fable', ALWAYS],
  [500, 'mythos', ALWAYS],
  [500, undefined, CLAUDE_5],
  [408, undefined, CLAUDE_4_8],
  [407, undefined, CLAUDE_4_7],
  [406, undefined, CLAUDE_4_6],
  [405, undefined, CLAUDE_4_5],
  [401, 'opus', { ...OPUS_4, sampling: 'one', structuredOutput: true }],
  [400, 'opus', OPUS_4],
  [400, undefined, SONNET_4],
  [307, undefined, SONNET_4],
  [305, undefined, { ...OLD, mostTokens: 8_192 }],
  [0, undefined, OLD],
];

/** `claude-opus-4-7`, OpenRouter's `claude-opus-4.7`, `us.anthropic.claude-sonnet-4-20250514-v1:0`: a name, a version, maybe a date. */
const NEWER = /claude-([a-z]+)-(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/;
/** `claude-3-7-sonnet-20250219`, `claude-2.1`. */
const OLDER = /claude-v?([1-3])(?!\d)(?:[-.](\d)(?!\d))?/;

/** The traits of a model by its documented name, as any of its hosts spells it. */
export function claudeTraits(model: string): ClaudeTraits {
  if (model.includes('claude-mythos-preview')) return MYTHOS_PREVIEW;
  const newer = NEWER.exec(model);
  const [name, version] = newer
    ? [newer[1], number(newer[2], newer[3])]
    : [undefined, versionOfOlder(OLDER.exec(model))];
  if (version === undefined) return UNKNOWN;
  return TABLE.find(([from, only]) => version >= from && (only ?? name) === name)?.[2] ?? UNKNOWN;
}

function versionOfOlder(found: RegExpExecArray | null): number | undefined {
  return found ? number(found[1], found[2]) : undefined;
}

function number(major: string | undefined, minor: string | undefined): number {
  return Number(major) * 100 + Number(minor ?? 0);
}
