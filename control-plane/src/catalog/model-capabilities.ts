import type { Capability } from '@bonito/protocol';

/** What the models of a seller can be called for, by their names in the catalog, and the page that says so. */
interface CapabilityRule {
  seller: string;
  models: RegExp;
  /** None: it is called in a way that the gateway does not have, such as a realtime session. */
  names: Capability[];
  source: string;
}

/**
 * The first rule that fits a model counts. A model that none fits has capabilities that nobody stated. Sellers of everybody's
 * models are not here: their names do not say what a model does.
 */
const RULES: readonly CapabilityRule[] = [
  openai(/realtime/, [], 'realtime'),
  openai(/^text-embedding-/, ['embeddings'], 'embeddings'),
  openai(/^whisper-1$|transcribe$/, ['transcription'], 'speech-to-text'),
  openai(/^tts-1|-tts$/, ['speech'], 'text-to-speech'),
  openai(/^gpt-image-/, ['images'], 'image-generation'),
  openai(/^moderation$/, ['moderation'], 'moderation'),
  openai(
    /^(?:ada|babbage|curie|davinci|text-davinci-\d+|gpt-3\.5-turbo-instruct)$/,
    ['completions'],
    'completions',
  ),
  openai(/^(?:chatgpt-|codex-|computer-use|gpt-|o1|o3|o4|ft:gpt-)/, ['chat'], 'text'),
  rule('anthropic', /^claude-/, ['chat'], 'https://platform.claude.com/docs/en/about-claude/models/overview'),
  google(/embedding/, ['embeddings'], 'embeddings'),
  google(/-live-|-tts$/, [], 'models'),
  google(/^gem(?:ini|ma)-/, ['chat'], 'models'),
  rule(
    'google',
    /^claude-/,
    ['chat'],
    'https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai',
  ),
  rule(
    'aws',
    /titan-embed/,
    ['embeddings'],
    'https://docs.aws.amazon.com/bedrock/latest/userguide/titan-embedding-models.html',
  ),
  rule('aws', /sonic/, [], 'https://docs.aws.amazon.com/nova/latest/userguide/speech.html'),
  rule(
    'aws',
    /anthropic\.|amazon\.(?:nova|titan-text)|meta\.|mistral\.|deepseek\.|openai\.|qwen\.|writer\./,
    ['chat'],
    'https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html',
  ),
  rule('cohere', /^embed-/, ['embeddings'], 'https://docs.cohere.com/docs/models'),
  rule('cohere', /^(?:command|c4ai-)/, ['chat'], 'https://docs.cohere.com/docs/models'),
  mistral(/embed/, ['embeddings']),
  mistral(/^voxtral-mini-2602$/, ['transcription']),
  mistral(/moderation/, ['moderation']),
  mistral(/ocr/, []),
  mistral(/^(?:mistral-|ministral|magistral|codestral|devstral|pixtral|open-mi)/, ['chat']),
  rule('groq', /^whisper-/, ['transcription'], 'https://console.groq.com/docs/speech-to-text'),
  rule('deepseek', /^deepseek-/, ['chat'], 'https://api-docs.deepseek.com/quick_start/pricing'),
  rule('x-ai', /^grok-(?!voice|imagine)/, ['chat'], 'https://docs.x.ai/docs/models'),
  rule('perplexity', /^sonar/, ['chat'], 'https://docs.perplexity.ai/getting-started/models'),
  rule('cerebras', /./, ['chat'], 'https://inference-docs.cerebras.ai/models/overview'),
];

/** What a model can be called for; null where nobody stated it, or the gateway has no way to call it. */
export function capabilitiesOf(
  seller: string,
  model: string,
): { names: Capability[]; source: string } | null {
  const found = RULES.find((one) => one.seller === seller && one.models.test(model));
  return found && found.names.length > 0 ? { names: found.names, source: found.source } : null;
}

function rule(seller: string, models: RegExp, names: Capability[], source: string): CapabilityRule {
  return { seller, models, names, source };
}

function openai(models: RegExp, names: Capability[], guide: string): CapabilityRule {
  return rule('openai', models, names, `https://platform.openai.com/docs/guides/${guide}`);
}

function google(models: RegExp, names: Capability[], page: string): CapabilityRule {
  return rule('google', models, names, `https://ai.google.dev/gemini-api/docs/${page}`);
}

function mistral(models: RegExp, names: Capability[]): CapabilityRule {
  return rule('mistral', models, names, 'https://docs.mistral.ai/getting-started/models/');
}
