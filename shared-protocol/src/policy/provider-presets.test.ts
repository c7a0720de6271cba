import { describe, expect, it } from 'vitest';
import { PROVIDER_PRESETS, providerPreset } from './provider-presets.ts';

describe('PROVIDER_PRESETS', () => {
  it('names each server once, with an address that can be called', () => {
    const names = PROVIDER_PRESETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { baseUrl } of PROVIDER_PRESETS) {
      if (baseUrl !== undefined) expect(baseUrl).toMatch(/^https?:\/\/[^ ]+[^/]$/);
    }
  });

  it('takes an unknown name, or none, for a server in general', () => {
    expect(providerPreset('groq').name).toBe('groq');
    expect(providerPreset(undefined).name).toBe('generic');
    expect(providerPreset('nobody-knows').name).toBe('generic');
  });
});
