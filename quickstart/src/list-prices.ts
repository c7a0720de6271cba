import { calcPrice } from '@pydantic/genai-prices';

/** USD for a million tokens, as decimal text; the form that the control plane takes. */
export type ListPrice = Partial<Record<'input' | 'output' | 'cache_read', string>>;

const SAMPLE = 1_000;

/** The published price of one of OpenAI's models; undefined where none is known. */
export function openAiPrice(model: string): ListPrice | undefined {
  const price = (usage: Parameters<typeof calcPrice>[0]) =>
    calcPrice(usage, model, { providerId: 'openai' })?.total_price;
  const input = price({ input_tokens: SAMPLE, output_tokens: 0 });
  const output = price({ input_tokens: 0, output_tokens: SAMPLE });
  if (input === undefined || output === undefined) return undefined;
  const cached = price({ input_tokens: SAMPLE, cache_read_tokens: SAMPLE, output_tokens: 0 });
  return {
    input: perMillion(input),
    output: perMillion(output),
    ...(cached !== undefined && { cache_read: perMillion(cached) }),
  };
}

function perMillion(forSample: number): string {
  return (forSample * (1_000_000 / SAMPLE)).toFixed(6).replace(/\.?0+$/, '');
}
