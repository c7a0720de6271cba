import { claudeTraits } from '../../anthropic-compatible/claude-models.ts';

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
  /** Temperature, `topP` and sequences that stop the model; the limit of tokens all take. */
  readonly inference: boolean;
  /** What may stand in one turn with the results of tools. */
  readonly besideResults: 'anything' | 'no-files' | 'nothing';
  /** Whether the model's words may stand in one turn with its calls. */
  readonly wordsBesideCalls: boolean;
  /** Ids of calls have to be nine letters and digits. */
  readonly nineCharacterIds: boolean;
  /** `outputConfig.textFormat`, and `strict` of tools. */
  readonly structuredOutput: boolean;
  /** How reasoning is asked for. */
  readonly reasoning: 'claude' | 'nova' | 'qwen' | 'effort' | 'three-efforts' | 'none';
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
  inference: true,
  besideResults: 'anything',
  wordsBesideCalls: true,
  nineCharacterIds: false,
  structuredOutput: true,
  reasoning: 'none',
  takesReasoning: 'all',
  sampling: {},
};

/** Models without prompt caching and without a failed tool's status. */
const PLAIN: FamilyTraits = { ...UNKNOWN, cachePoints: 'nowhere', longCache: false, toolStatus: false };

const OPENAI: FamilyTraits = { ...PLAIN, inference: false, reasoning: 'effort' };
/** Models that want the results of tools, and calls, in turns of their own. */
const APART = { besideResults: 'nothing', wordsBesideCalls: false } as const;
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
  claude: {
    ...UNKNOWN,
    besideResults: 'no-files',
    reasoning: 'claude',
    takesReasoning: 'signed',
    sampling: { topK: ['top_k'] },
  },
  nova: {
    ...UNKNOWN,
    cachePoints: 'not-in-tools',
    longCache: false,
    structuredOutput: false,
    reasoning: 'nova',
    sampling: { topK: ['inferenceConfig', 'topK'] },
  },
  llama: { ...THOUGHTLESS, ...APART, toolChoices: [], structuredOutput: false },
  mistral: {
    ...PLAIN,
    ...APART,
    nineCharacterIds: true,
    toolChoices: ['any'],
    sampling: { topK: ['top_k'] },
  },
  deepseek: { ...PLAIN, toolChoices: [], takesReasoning: 'none' },
  gpt: OPENAI,
  'gpt-oss': { ...OPENAI, inference: true, reasoning: 'three-efforts' },
  openai: OPENAI,
  qwen: { ...PLAIN, reasoning: 'qwen' },
  titan: { ...THOUGHTLESS, toolChoices: [], structuredOutput: false },
  cohere: COHERE,
  command: COHERE,
  ai21: AI21,
  jamba: AI21,
};

/** The first generation of Nova, which does not reason. */
const NOVA_1 = /nova-(?:micro|lite|pro|premier)-v1/;

/**
 * The traits of a deployment's model family.
 *
 * @param model as Bedrock knows it, where a family differs within
 */
export function familyTraits(family: string, model: string): FamilyTraits {
  const name = family.toLowerCase();
  const traits = (Object.hasOwn(TABLE, name) ? TABLE[name] : undefined) ?? UNKNOWN;
  if (name === 'nova' && NOVA_1.test(model)) return { ...traits, reasoning: 'none' };
  if (name === 'claude' && !claudeTraits(model).structuredOutput)
    return { ...traits, structuredOutput: false };
  return traits;
}
