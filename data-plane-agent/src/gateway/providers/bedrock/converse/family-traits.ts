/** What the models of one family take of Converse, which has one form for all of them. */
export interface FamilyTraits {
  /** Where cache points may stand. Elsewhere the request is refused. */
  readonly cachePoints: 'everywhere' | 'not-in-tools' | 'nowhere';
  /** Cache points that live an hour. */
  readonly longCache: boolean;
  /** Which choices of tools besides `auto`. */
  readonly toolChoices: readonly ('any' | 'tool')[];
  /** Whether a tool's result may say that the tool failed. */
  readonly toolStatus: boolean;
  /** `outputConfig.textFormat`, and `strict` of tools. */
  readonly structuredOutput: boolean;
  /** How reasoning is asked for. */
  readonly reasoning: 'claude' | 'nova' | 'effort' | 'three-efforts' | 'none';
  /** Which reasoning is taken back. Claude refuses what it did not sign, DeepSeek refuses all. */
  readonly takesReasoning: 'signed' | 'all' | 'none';
  /** Where `additionalModelRequestFields` has sampling that Converse itself does not name. */
  readonly sampling: Readonly<Partial<Record<ExtraSampling, readonly string[]>>>;
}

/** Sampling that is the model's own matter; names as in `Sampling`. */
export type ExtraSampling = 'topK' | 'seed' | 'frequencyPenalty' | 'presencePenalty';

/** For a family that is not in the table: nothing is kept from it that Converse can say. */
const UNKNOWN: FamilyTraits = {
  cachePoints: 'everywhere',
  longCache: true,
  toolChoices: ['any', 'tool'],
  toolStatus: true,
  structuredOutput: true,
  reasoning: 'none',
  takesReasoning: 'all',
  sampling: {},
};

/** Models without prompt caching and without a failed tool's status. */
const PLAIN: FamilyTraits = { ...UNKNOWN, cachePoints: 'nowhere', longCache: false, toolStatus: false };

const OPENAI: FamilyTraits = { ...PLAIN, reasoning: 'effort' };
/** Models that do not reason. */
const THOUGHTLESS: FamilyTraits = { ...PLAIN, takesReasoning: 'none' };

const COHERE: FamilyTraits = {
  ...THOUGHTLESS,
  toolChoices: [],
  structuredOutput: false,
  sampling: {
    topK: ['k'],
    seed: ['seed'],
    frequencyPenalty: ['frequency_penalty'],
    presencePenalty: ['presence_penalty'],
  },
};
const AI21: FamilyTraits = {
  ...THOUGHTLESS,
  toolChoices: [],
  structuredOutput: false,
  sampling: { frequencyPenalty: ['frequency_penalty'], presencePenalty: ['presence_penalty'] },
};

/**
 * From the Bedrock User Guide: "Supported models and features", "Prompt caching", "Model inference parameters", "Get
 * validated JSON results", and the API reference of `ToolChoice` and `ToolResultBlock`.
 */
const TABLE: Readonly<Record<string, FamilyTraits>> = {
  claude: { ...UNKNOWN, reasoning: 'claude', takesReasoning: 'signed', sampling: { topK: ['top_k'] } },
  nova: {
    ...UNKNOWN,
    cachePoints: 'not-in-tools',
    longCache: false,
    structuredOutput: false,
    reasoning: 'nova',
    sampling: { topK: ['inferenceConfig', 'topK'] },
  },
  llama: { ...THOUGHTLESS, toolChoices: [], structuredOutput: false },
  mistral: { ...PLAIN, toolChoices: ['any'], sampling: { topK: ['top_k'] } },
  deepseek: { ...PLAIN, toolChoices: [], takesReasoning: 'none' },
  gpt: OPENAI,
  'gpt-oss': { ...OPENAI, reasoning: 'three-efforts' },
  openai: OPENAI,
  qwen: PLAIN,
  titan: { ...THOUGHTLESS, toolChoices: [], structuredOutput: false },
  cohere: COHERE,
  command: COHERE,
  ai21: AI21,
  jamba: AI21,
};

/** The traits of a deployment's model family. */
export function familyTraits(family: string): FamilyTraits {
  const name = family.toLowerCase();
  return (Object.hasOwn(TABLE, name) ? TABLE[name] : undefined) ?? UNKNOWN;
}
