import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scanServiceTier } from './scan-service-tier.ts';

/** The word as a value, as a key somewhere inside, and inside of a string. */
const nested = fc.oneof(
  fc.constantFrom('service_tier', '"service_tier":"flex"', 'x'),
  fc.record({ service_tier: fc.constantFrom('default', 'priority', null, 3) }),
);
const tier = fc.constantFrom('default', 'standard', 'auto', 'flex', 'priority', null, undefined);

describe('the tier that an answer names', () => {
  it('is the top-level member, whatever else holds the word', () => {
    fc.assert(
      fc.property(nested, tier, nested, fc.boolean(), (before, service_tier, after, pretty) => {
        const answer = { metadata: before, service_tier, choices: [after] };
        const bytes = Buffer.from(JSON.stringify(answer, null, pretty ? 2 : 0));
        const found = scanServiceTier(bytes, 'service_tier');
        const standard = [undefined, null, 'default', 'standard'];
        if (standard.includes(service_tier)) expect(standard).toContain(found);
        else expect(found).toBe(service_tier);
      }),
    );
  });

  it('is found inside of Bedrock’s object', () => {
    const read = (value: object) => scanServiceTier(Buffer.from(JSON.stringify(value)), 'serviceTier');
    expect(read({ usage: {}, serviceTier: { type: 'flex' } })).toBe('flex');
    expect(read({ serviceTier: { type: 'default' }, usage: {} })).toBe('default');
    expect(read({ usage: {} })).toBeUndefined();
  });

  it('is none where the answer breaks off', () => {
    expect(scanServiceTier(Buffer.from('{"service_tier":"flex"'), 'service_tier')).toBeUndefined();
  });
});
