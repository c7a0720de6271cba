import { bedrockClaudeTraits, keepsLongCaches } from '../claude-traits.ts';

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
  /** Whether it calls tools in a stream; else it is refused for tools there, and answers in one piece. */
  readonly streamsTools: boolean;
  /** Temperature, `topP` and sequences that stop the model; the limit of tokens all take. */
  readonly inference: boolean;
  /** Media that a tool's result may hold. Others follow the results as the user's own. */
  readonly inResults: readonly ResultMedia[];
  /** What may stand in one turn with the results of tools. */
  readonly besideResults: 'anything' | 'no-files' | 'nothing';
  /** Whether the model's words may stand in one turn with its calls. */
  readonly wordsBesideCalls: boolean;
  /** A conversation may begin with the model's words. */
  readonly speaksFirst: boolean;
  /** Ids of calls: as the API's reference has them, with dots and colons besides, or nine letters and digits. */
  readonly callIds: 'plain' | 'dotted' | 'nine';
  /** `outputConfig.textFormat`, and `strict` of tools. */
  readonly structuredOutput: boolean;
  /** How reasoning is asked for. */
  readonly reasoning: 'claude' | 'nova' | 'qwen' | 'gpt' | 'three-efforts' | 'none';
  /** Which reasoning is taken back. Claude refuses what it did not sign, DeepSeek refuses all. */
  readonly takesReasoning: 'signed' | 'all' | 'none';
  /** Where `additionalModelRequestFields` has sampling that Converse itself does not name. */
  readonly sampling: Readonly<Partial<Record<ExtraSampling, readonly string[]>>>;
}

/** `plain-document`: one that is text. */
export type ResultMedia = 'image' | 'document' | 'plain-document' | 'video';

/** Sampling that is the model's own matter; names as in `Sampling`. */
export type ExtraSampling = 'topK' | 'seed' | 'frequencyPenalty' | 'presencePenalty';

/** For a family that is not in the table: nothing is kept from it that Converse can say. */
const UNKNOWN: FamilyTraits = {
  cachePoints: 'everywhere',
  longCache: true,
  toolChoices: ['any', 'tool'],
  toolStatus: true,
  streamsTools: true,
  inference: true,
  inResults: ['image', 'document', 'video'],
  besideResults: 'anything',
  wordsBesideCalls: true,
  speaksFirst: false,
  callIds: 'plain',
  structuredOutput: true,
  reasoning: 'none',
  takesReasoning: 'all',
  sampling: {},
};

/** Models without prompt caching. */
const PLAIN: FamilyTraits = {
  ...UNKNOWN,
  cachePoints: 'nowhere',
  longCache: false,
  toolChoices: ['any'],
  inResults: ['image'],
};

const OPENAI: FamilyTraits = { ...PLAIN, inference: false, reasoning: 'gpt' };
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
const KIMI: FamilyTraits = { ...PLAIN, inResults: [], speaksFirst: true, callIds: 'dotted' };
const GLM: FamilyTraits = { ...PLAIN, speaksFirst: true };
const WRITER: FamilyTraits = {
  ...THOUGHTLESS,
  ...APART,
  toolChoices: [],
  toolStatus: false,
  streamsTools: false,
  structuredOutput: false,
};
const AI21: FamilyTraits = {
  ...THOUGHTLESS,
  toolChoices: [],
  structuredOutput: false,
  sampling: { frequencyPenalty: ['frequency_penalty'], presencePenalty: ['presence_penalty'] },
};

/**
 * From the Bedrock User Guide: "Supported models and features", "Prompt caching", "Model inference parameters", "Get
 * validated JSON results", and the API reference of `ToolChoice`; the status of a tool's result and what may stand in it and
 * beside it, as the service itself takes and refuses them.
 */
const TABLE: Readonly<Record<string, FamilyTraits>> = {
  claude: {
    ...UNKNOWN,
    inResults: ['image', 'document'],
    besideResults: 'no-files',
    speaksFirst: true,
    reasoning: 'claude',
    takesReasoning: 'signed',
    sampling: { topK: ['top_k'] },
  },
  nova: {
    ...UNKNOWN,
    cachePoints: 'not-in-tools',
    longCache: false,
    inResults: ['image', 'plain-document'],
    structuredOutput: false,
    reasoning: 'nova',
    sampling: { topK: ['inferenceConfig', 'topK'] },
  },
  llama: {
    ...THOUGHTLESS,
    ...APART,
    streamsTools: false,
    inResults: ['image', 'document'],
    toolChoices: [],
    structuredOutput: false,
  },
  mistral: { ...PLAIN, ...APART, inResults: ['document'], callIds: 'nine' },
  deepseek: { ...PLAIN, toolChoices: [], takesReasoning: 'none' },
  gpt: OPENAI,
  'gpt-oss': { ...OPENAI, inference: true, reasoning: 'three-efforts' },
  openai: OPENAI,
  qwen: { ...PLAIN, inResults: [], speaksFirst: true, reasoning: 'qwen' },
  moonshot: KIMI,
  moonshotai: KIMI,
  kimi: KIMI,
  zai: GLM,
  glm: GLM,
  minimax: PLAIN,
  gemma: PLAIN,
  nemotron: PLAIN,
  writer: WRITER,
  palmyra: WRITER,
  titan: { ...THOUGHTLESS, toolChoices: [], structuredOutput: false },
  cohere: COHERE,
  command: COHERE,
  ai21: AI21,
  jamba: AI21,
};

/** Where not all models of a family promise answers and arguments, those that do. */
const PROMISING: Readonly<Record<string, RegExp>> = {
  mistral: /magistral|ministral-3|mistral-large-3|voxtral/,
  deepseek: /v3/,
  gemma: /-(?:12|27)b/,
  nemotron: /nano/,
};

/** Models of Mistral's that call no tools in a stream. */
const STREAMLESS = /mistral-(?:large|small)-2402|pixtral/;

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
  if (name === 'mistral' && STREAMLESS.test(model))
    return { ...traits, streamsTools: false, structuredOutput: false };
  if (name === 'nova' && NOVA_1.test(model)) return { ...traits, reasoning: 'none' };
  const structuredOutput = traits.structuredOutput && promises(name, model);
  const longCache = traits.longCache && (name !== 'claude' || keepsLongCaches(model));
  return { ...traits, structuredOutput, longCache };
}

/** By the model's id, which names its maker before a dot; an alias or a profile's ARN does not say. */
function promises(family: string, model: string): boolean {
  if (family === 'claude') return bedrockClaudeTraits(model).structuredOutput;
  const promising = Object.hasOwn(PROMISING, family) ? PROMISING[family] : undefined;
  return promising === undefined || !model.includes('.') || promising.test(model);
}
