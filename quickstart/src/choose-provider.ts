import { type ListPrice, openAiPrice } from './list-prices.ts';

/** The provider that the quickstart sets up, and what it offers. */
export interface ChosenProvider {
  name: 'openai' | 'ollama' | 'simulator';
  /** How it is called in the banner. */
  label: string;
  baseUrl: string;
  credential: { from: 'none' } | { from: 'environment'; name: string };
  models: { name: string; upstreamModel: string; price: ListPrice }[];
  /** The model that the snippets use. */
  exampleModel: string;
}

const OPENAI_URL = 'https://api.openai.com/v1';
const OLLAMA_URL = 'http://127.0.0.1:11434';
const MODEL_LIMIT = 50;
const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/;
/** Tried in this order for the snippets. */
const PREFERRED = ['gpt-4o-mini', 'gpt-4.1-mini', 'gpt-5-mini'];
const NOT_FOR_CHAT =
  /embed|whisper|tts|audio|image|dall-e|moderation|realtime|transcribe|rerank|sora|davinci|babbage/i;

/** What is there to be used: the server that the environment names, a local Ollama, or else the simulator. */
export async function chooseProvider(
  environment: NodeJS.ProcessEnv,
  simulatorUrl: string,
): Promise<ChosenProvider> {
  const { OPENAI_API_KEY: key, OPENAI_BASE_URL: url } = environment;
  if (key || url) return openAiCompatible((url || OPENAI_URL).replace(/\/+$/, ''), key);
  return (await ollama()) ?? simulator(simulatorUrl);
}

async function openAiCompatible(baseUrl: string, key: string | undefined): Promise<ChosenProvider> {
  const listed = await listModels(`${baseUrl}/models`, key);
  const names = listed.length > 0 ? listed : PREFERRED;
  const chat = names.filter((name) => !NOT_FOR_CHAT.test(name));
  const exampleModel = PREFERRED.find((name) => chat.includes(name)) ?? chat[0] ?? names[0] ?? 'gpt-4o-mini';
  const kept = [exampleModel, ...names.filter((name) => name !== exampleModel)].slice(0, MODEL_LIMIT);
  return {
    name: 'openai',
    label: baseUrl,
    baseUrl,
    credential: key ? { from: 'environment', name: 'OPENAI_API_KEY' } : { from: 'none' },
    models: kept.map((name) => ({
      name,
      upstreamModel: name,
      price: (baseUrl === OPENAI_URL && openAiPrice(name)) || {},
    })),
    exampleModel,
  };
}

async function ollama(): Promise<ChosenProvider | undefined> {
  const names = await listModels(`${OLLAMA_URL}/v1/models`, undefined);
  const exampleModel = names.find((name) => !NOT_FOR_CHAT.test(name));
  if (!exampleModel) return undefined;
  return {
    name: 'ollama',
    label: `the Ollama at ${OLLAMA_URL}`,
    baseUrl: `${OLLAMA_URL}/v1`,
    credential: { from: 'none' },
    models: names.slice(0, MODEL_LIMIT).map((name) => ({ name, upstreamModel: name, price: {} })),
    exampleModel,
  };
}

function simulator(baseUrl: string): ChosenProvider {
  const price = { input: '0.15', output: '0.60', cache_read: '0.075' };
  return {
    name: 'simulator',
    label: 'the simulator, not a real model',
    baseUrl,
    credential: { from: 'none' },
    models: ['simulated-chat', 'simulated-embedding'].map((name) => ({ name, upstreamModel: name, price })),
    exampleModel: 'simulated-chat',
  };
}

/** Names from an OpenAI-compatible model list that clients can ask for; empty when there is no answer in time. */
async function listModels(url: string, key: string | undefined): Promise<string[]> {
  try {
    const headers: Record<string, string> = key ? { authorization: `Bearer ${key}` } : {};
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(3_000), redirect: 'error' });
    if (!answer.ok) return [];
    const { data } = (await answer.json()) as { data?: { id?: unknown }[] };
    return (data ?? [])
      .map(({ id }) => id)
      .filter((id): id is string => typeof id === 'string' && MODEL_NAME.test(id));
  } catch {
    return [];
  }
}
