import { describe, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../version.ts';
import { restrictionsSchema } from '../wire/restrictions.ts';
import { DOWNGRADE_STEPS, downgradeSections } from './downgrade-sections.ts';
import type { DowngradeStep, SectionContents } from './downgrade-step.ts';

/** A pretend next version, which adds a restriction by source address. */
const pretendStep: DowngradeStep = (sections) => {
  const settings = sections.get('settings') as { restrictions: { type: string }[] };
  const restrictions = settings.restrictions.map((restriction) =>
    restriction.type === 'source_addresses' ? { type: 'source_addresses' } : restriction,
  );
  return new Map(sections).set('settings', { restrictions });
};
const steps = new Map([[PROTOCOL_VERSION + 1, pretendStep]]);
const newest: SectionContents = new Map<string, unknown>([
  [
    'settings',
    {
      restrictions: [
        { type: 'source_addresses', allow: ['10.0.0.0/8'] },
        { type: 'max_offline', seconds: 60 },
      ],
    },
  ],
  ['routes', { routes: [] }],
]);

describe('downgrade chain', () => {
  test('the newest version needs no step', () => {
    expect(downgradeSections(newest, PROTOCOL_VERSION)).toBe(newest);
  });

  test('a version is reached step by step, and what it does not know denies there', () => {
    const older = downgradeSections(newest, PROTOCOL_VERSION, PROTOCOL_VERSION + 1, steps);
    const { restrictions } = older.get('settings') as { restrictions: unknown };
    expect(restrictionsSchema.parse(restrictions)).toEqual([
      { type: 'unknown' },
      { type: 'max_offline', seconds: 60 },
    ]);
    expect(older.get('routes')).toEqual({ routes: [] });
  });

  test('several steps run from the newest down', () => {
    const seen: number[] = [];
    const trace = (version: number): [number, DowngradeStep] => [
      version,
      (sections) => {
        seen.push(version);
        return sections;
      },
    ];
    downgradeSections(newest, 1, 4, new Map([trace(2), trace(3), trace(4)]));
    expect(seen).toEqual([4, 3, 2]);
  });

  test('a version that is no longer served is refused', () => {
    const from = PROTOCOL_VERSION + 2;
    expect(() => downgradeSections(newest, 1, from, steps)).toThrow(
      `protocol ${from} has no step down to ${from - 1}`,
    );
  });

  test('every version above 1 has its step', () => {
    for (let version = 2; version <= PROTOCOL_VERSION; version++)
      expect(DOWNGRADE_STEPS.has(version)).toBe(true);
  });
});
