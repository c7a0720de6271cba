import type { OptionalChatField, ProviderPreset } from '@bonito/protocol';

/** A preset in the form that requests are written with. */
export interface ServerTraits extends Omit<ProviderPreset, 'lacks' | 'baseUrl'> {
  readonly lacks: ReadonlySet<OptionalChatField>;
}

export function serverTraits({ lacks, ...preset }: ProviderPreset): ServerTraits {
  return { ...preset, lacks: new Set(lacks) };
}
