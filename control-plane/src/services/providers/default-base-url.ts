import { PROVIDER_PRESETS } from '@bonito/protocol';

/** What decides where a provider's API begins. */
interface Place {
  kind: string;
  preset: string | null;
  region: string | null;
}

const REGION = /^[a-z0-9-]{1,40}$/;

const BY_KIND: Readonly<Record<string, (place: Place) => string | undefined>> = {
  openai: () => 'https://api.openai.com/v1',
  anthropic: () => 'https://api.anthropic.com',
  gemini: () => 'https://generativelanguage.googleapis.com',
  cohere: () => 'https://api.cohere.com',
  'openai-compatible': ({ preset }) => PROVIDER_PRESETS.find(({ name }) => name === preset)?.baseUrl,
  bedrock: ({ region }) => inRegion(region, bedrockUrl),
  vertex: ({ region }) => inRegion(region, vertexUrl),
};

/**
 * Where a provider's API begins if nobody says otherwise; undefined where that cannot be known: a server of one's own, an
 * Azure resource, a cloud without a region.
 */
export function defaultBaseUrl(place: Place): string | undefined {
  return BY_KIND[place.kind]?.(place);
}

/** A region becomes part of a host's name, so it may be nothing else. */
function inRegion(region: string | null, url: (region: string) => string): string | undefined {
  return region !== null && REGION.test(region) ? url(region) : undefined;
}

/** https://docs.aws.amazon.com/general/latest/gr/bedrock.html */
function bedrockUrl(region: string): string {
  return `https://bedrock-runtime.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

/** https://cloud.google.com/vertex-ai/generative-ai/docs/learn/locations: `global`, `us` and `eu` are hosts of their own. */
function vertexUrl(region: string): string {
  if (region === 'global') return 'https://aiplatform.googleapis.com';
  if (region === 'us' || region === 'eu') return `https://aiplatform.${region}.rep.googleapis.com`;
  return `https://${region}-aiplatform.googleapis.com`;
}
